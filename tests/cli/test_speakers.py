import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from earshot.audio.waveform import SAMPLE_RATE, Samples
from tests.processes import Installation, write_wav


@pytest.fixture(scope="session")
def ofelia(tmp_path_factory: pytest.TempPathFactory, two_cities: Samples) -> Path:
    """20 s of one reader."""
    path = tmp_path_factory.mktemp("ofelia") / "ofelia.wav"
    return write_wav(path, two_cities[: 20 * SAMPLE_RATE])


@pytest.fixture(scope="session")
def ofelia_later(tmp_path_factory: pytest.TempPathFactory, beckett: Samples) -> Path:
    """10 s of the same reader in another recording."""
    return write_wav(tmp_path_factory.mktemp("ofelia") / "later.wav", beckett)


@pytest.fixture(scope="session")
def samuel(tmp_path_factory: pytest.TempPathFactory, another_reader: Samples) -> Path:
    """4 s of somebody else, twice."""
    path = tmp_path_factory.mktemp("samuel") / "samuel.wav"
    return write_wav(path, np.tile(another_reader, 2))


@pytest.mark.slow
def test_a_voice_is_enrolled_listed_and_deleted(
    earshot: Installation, ofelia: Path, ofelia_later: Path, samuel: Path
) -> None:
    done = earshot.run("speakers", "enroll", "Ofelia Ríos", str(ofelia), str(ofelia_later))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Ofelia Ríos: known by 2 recordings, 2")
    assert earshot.run("speakers", "enroll", "Samuel", str(samuel)).returncode == 0
    listed = earshot.run("speakers", "list").stdout.splitlines()
    assert [line.split(",")[0] for line in listed] == [
        "Ofelia Ríos  2 recordings",
        "Samuel  1 recording",
    ]
    assert earshot.run("speakers", "delete", "Samuel").stdout == "deleted Samuel\n"
    assert len(earshot.run("speakers", "list").stdout.splitlines()) == 1
    again = earshot.run("speakers", "delete", "Samuel")
    assert (again.returncode, again.stdout) == (3, "")
    assert "no known voice is named 'Samuel' in project 'default'" in again.stderr


@pytest.mark.slow
def test_a_refused_file_is_named_and_nothing_is_kept_of_the_others(
    earshot: Installation, ofelia: Path, samuel: Path, tmp_path: Path
) -> None:
    prose = tmp_path / "prose.txt"
    prose.write_text("It was the best of times. " * 1000, encoding="utf-8")
    done = earshot.run("speakers", "enroll", "Ofelia", str(ofelia), str(prose))
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("earshot: prose.txt: ")
    other = earshot.run("speakers", "enroll", "Ofelia", str(ofelia), str(samuel))
    assert other.returncode == 3
    assert "does not sound like" in other.stderr
    assert earshot.run("speakers", "list").stdout == ""


@pytest.mark.slow
def test_what_another_model_knew_of_a_voice_is_not_replaced_in_silence(
    earshot: Installation, ofelia: Path, ofelia_later: Path
) -> None:
    assert earshot.run("speakers", "enroll", "Ofelia", str(ofelia)).stderr == ""
    with closing(sqlite3.connect(earshot.data / "earshot.db")) as database, database:
        database.execute("UPDATE known_voices SET engine = 'older'")
    done = earshot.run("speakers", "enroll", "Ofelia", str(ofelia_later))
    assert done.returncode == 0
    assert done.stdout.startswith("Ofelia: known by 1 recording, ")
    assert "takes the place of 1 recording, " in done.stderr
    assert "that another model heard" in done.stderr
    assert earshot.run("speakers", "enroll", "Ofelia", str(ofelia)).stderr == ""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["", " ", "a\nb", "\x1b[2J", "x" * 201])
def test_a_name_that_would_garble_the_list_is_refused(
    earshot: Installation, ofelia: Path, name: str
) -> None:
    done = earshot.run("speakers", "enroll", name, str(ofelia))
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.slow
def test_a_voice_that_somebody_is_reading_is_deleted_and_the_rest_of_it_announced(
    earshot: Installation, ofelia: Path
) -> None:
    assert earshot.run("speakers", "enroll", "Ofelia", str(ofelia)).returncode == 0
    with closing(sqlite3.connect(earshot.data / "earshot.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        (vector,) = reader.execute("SELECT embedding FROM known_voices").fetchone()
        done = earshot.run("speakers", "delete", "Ofelia")
    assert (done.returncode, done.stdout) == (0, "deleted Ofelia\n")
    assert "the old vector stays in its log until that is done" in done.stderr
    assert earshot.run("speakers", "list").stdout == ""
    files = [path for path in earshot.data.glob("earshot.db*") if vector in path.read_bytes()]
    assert files == []


def test_a_project_that_there_is_not_has_no_voices_to_list(earshot: Installation) -> None:
    done = earshot.run("speakers", "list", "--project", "nobody")
    assert (done.returncode, done.stdout) == (3, "")
    assert "no project is named 'nobody'" in done.stderr
