"""Storage at its limits: a full disk, a locked database, a client that leaves, erased words."""

import os
import shutil
import socket
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.confidential import SPOKEN
from tests.processes import Installation

pytestmark = pytest.mark.slow
Install = Callable[..., Installation]
MIB = 2**20


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small file system")
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("mounting is not allowed here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(path: Path) -> None:
    """Write to the file until the disk is full."""
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass


def media_files(installation: Installation) -> list[Path]:
    media = installation.data / "media"
    return [path for path in media.rglob("*") if path.is_file()]


def test_an_upload_that_does_not_fit_is_refused_and_leaves_the_server_up(
    tiny_disk: Path, install: Install, speech: bytes
) -> None:
    installation = install(EARSHOT_MEDIA_URL=str(tiny_disk / "media"))
    server = installation.serve()
    api = installation.api(server)
    for _ in range(2):
        answer = api.call("POST", "/v2/upload", data=bytes(8 * MIB))
        assert answer.status_code == 507
        assert "Insufficient storage" in answer.json()["error"]
    assert [path for path in tiny_disk.rglob("*") if path.is_file()] == []
    assert api.transcribe(speech)["status"] == "completed"


def test_a_database_without_room_refuses_and_recovers(
    tiny_disk: Path, install: Install, speech: bytes, tmp_path: Path
) -> None:
    installation = install(
        EARSHOT_DATABASE_URL=f"sqlite:///{tiny_disk / 'earshot.db'}",
        EARSHOT_MEDIA_URL=str(tmp_path / "media"),
    )
    server = installation.serve()
    api = installation.api(server)
    server.await_ready()
    audio_url = api.upload(speech)
    filler = tiny_disk / "filler"
    fill(filler)
    answers = [
        api.call("POST", "/v2/transcript", json={"audio_url": audio_url, "prompt": None})
        for _ in range(40)
    ]
    refusals = {answer.status_code: answer.json() for answer in answers}
    assert set(refusals) <= {200, 507}
    assert 507 in refusals
    filler.unlink()
    assert api.transcribe(speech)["status"] == "completed"


def test_a_client_that_leaves_in_the_middle_leaves_nothing(install: Install) -> None:
    installation = install()
    server = installation.serve("--role", "api")
    address = urlsplit(server.url)
    head = (
        f"POST /v2/upload HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Authorization: {installation.key}\r\nContent-Length: {64 * MIB}\r\n\r\n"
    )
    with socket.create_connection((address.hostname, address.port)) as client:
        client.sendall(head.encode() + bytes(12 * MIB))
        server.until(lambda: media_files(installation), "the upload has begun")
    server.until(lambda: "client_gone" in server.log, "the server notices")
    server.until(lambda: not media_files(installation), "what had come is deleted")
    with closing(sqlite3.connect(installation.data / "earshot.db")) as database:
        assert database.execute("SELECT count(*) FROM uploads").fetchone() == (0,)


def test_a_locked_database_is_waited_for_then_reported_then_forgiven(
    install: Install, speech: bytes
) -> None:
    installation = install()
    api = installation.api(installation.serve())
    audio_url = api.upload(speech)
    done = api.ended(api.submit(audio_url))
    locker = sqlite3.connect(
        installation.data / "earshot.db", isolation_level=None, check_same_thread=False
    )
    with closing(locker):
        locker.execute("BEGIN IMMEDIATE")
        answer = api.call("POST", "/v2/transcript", json={"audio_url": audio_url})
        assert answer.status_code == 503
        assert answer.json() == {"error": "The database is not available right now; try again"}
        assert api.get(done["id"]) == done
        threading.Timer(1.0, locker.execute, ["COMMIT"]).start()
        assert api.ended(api.submit(audio_url))["status"] == "completed"


def test_no_word_of_a_deleted_transcript_is_left_in_any_file(
    install: Install, reading: bytes
) -> None:
    installation = install()
    api = installation.api(installation.serve())
    made = [api.transcribe(reading) for _ in range(2)]
    assert words_in_files(installation)
    for transcript in made:
        api.json("DELETE", f"/v2/transcript/{transcript['id']}")
    assert words_in_files(installation) == []


def words_in_files(installation: Installation) -> list[tuple[str, str]]:
    """Which words lie in which files of the data folder."""
    files = [path for path in installation.data.rglob("*") if path.is_file()]
    contents = {path.name: path.read_bytes().lower() for path in files}
    return [
        (name, word)
        for name, content in contents.items()
        for word in SPOKEN
        if word.encode() in content
    ]


def test_an_upload_takes_no_memory_worth_its_size(install: Install) -> None:
    installation = install()
    server = installation.serve("--role", "api")
    api = installation.api(server)
    api.upload(bytes(MIB))
    before = peak_memory(server.pid)
    answer = api.call("POST", "/v2/upload", data=(bytes(MIB) for _ in range(300)))
    assert answer.status_code == 200
    assert peak_memory(server.pid) - before < 60 * MIB


def peak_memory(pid: int) -> int:
    """The largest resident size that the process has had, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
