import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from earshot.errors import SettingsInvalid, StorageFull, UploadTooLarge
from earshot.storage.media import MediaStore, open_media_store

MIB = 2**20


@pytest.fixture(params=["folder", "cloud"])
def media(request: pytest.FixtureRequest, tmp_path: Path) -> MediaStore:
    return open_media_store("memory://" if request.param == "cloud" else str(tmp_path / "media"))


async def in_chunks(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def test_what_was_put_comes_back(media: MediaStore) -> None:
    assert media.put("uploads/a", iter([b"ab", b"", b"c"])) == 3
    assert media.get("uploads/a") == b"abc"
    assert media.size("uploads/a") == 3
    with media.local_file("uploads/a") as path:
        assert path.read_bytes() == b"abc"


def test_what_was_put_can_be_read_piece_by_piece(media: MediaStore) -> None:
    media.put("redacted/a/audio.wav", [b"abc" * MIB])
    assert media.find("redacted/a/audio.wav").n_bytes == 3 * MIB
    assert b"".join(media.read("redacted/a/audio.wav")) == b"abc" * MIB
    for look in (media.find, media.read):
        with pytest.raises(FileNotFoundError):
            look("redacted/b/audio.wav")


def test_a_part_of_what_was_put_can_be_read(media: MediaStore) -> None:
    media.put("redacted/a/audio.wav", [b"abcdef"])
    assert b"".join(media.read("redacted/a/audio.wav", 2, 4)) == b"cd"
    assert b"".join(media.read("redacted/a/audio.wav", 2)) == b"cdef"
    assert b"".join(media.read("redacted/a/audio.wav", 0, 1)) == b"a"


def test_what_was_put_again_is_another_version(media: MediaStore) -> None:
    media.put("redacted/a/audio.wav", [b"abc"])
    first = media.find("redacted/a/audio.wav")
    assert media.find("redacted/a/audio.wav") == first
    media.put("redacted/a/audio.wav", [b"abcd"])
    assert media.find("redacted/a/audio.wav").version != first.version


def test_files_of_the_moment_are_gone_after_it_and_go_with_their_prefix(
    media: MediaStore, tmp_path: Path
) -> None:
    with media.scratch("work/a") as folder:
        (folder / "draft").write_bytes(b"abc")
        is_local = folder.is_relative_to(tmp_path / "media" / "work" / "a")
        media.delete_prefix("work/a")
        assert folder.exists() is not is_local
    assert not folder.exists()


def test_media_larger_than_a_part_comes_back_in_order(media: MediaStore) -> None:
    chunks = [bytes([number]) * MIB for number in range(17)]
    assert media.put("uploads/a", chunks) == 17 * MIB
    assert media.get("uploads/a") == b"".join(chunks)


def test_an_empty_key_is_stored_too(media: MediaStore) -> None:
    assert media.put("uploads/a", []) == 0
    assert media.get("uploads/a") == b""


async def test_a_stream_is_stored_as_it_arrives(media: MediaStore) -> None:
    assert await media.put_stream("uploads/a", in_chunks(b"ab", b"c"), max_bytes=3) == 3
    assert media.get("uploads/a") == b"abc"


async def test_a_stream_over_the_limit_leaves_nothing(media: MediaStore) -> None:
    chunks = in_chunks(*[b"x" * MIB] * 12)
    with pytest.raises(UploadTooLarge):
        await media.put_stream("uploads/a", chunks, max_bytes=11 * MIB)
    assert not media.exists("uploads/a")


def test_a_put_that_fails_half_way_leaves_no_file(tmp_path: Path) -> None:
    media = open_media_store(str(tmp_path))

    def broken() -> Iterator[bytes]:
        for _ in range(12):
            yield b"x" * MIB
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        media.put("uploads/a", broken())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_missing_media_is_a_file_not_found(media: MediaStore) -> None:
    assert not media.exists("uploads/a")
    with pytest.raises(FileNotFoundError):
        media.get("uploads/a")
    with pytest.raises(FileNotFoundError), media.local_file("uploads/a"):
        pass


def test_deleting_a_prefix_spares_its_neighbours(media: MediaStore) -> None:
    for key in ("work/1/a", "work/1/b", "work/10/a"):
        media.put(key, [b"x"])
    media.delete_prefix("work/1")
    assert not media.exists("work/1/a")
    assert media.exists("work/10/a")


def test_deleting_what_is_not_there_is_no_error(media: MediaStore) -> None:
    media.delete("uploads/a")
    media.delete_prefix("work/1")


@pytest.mark.parametrize("key", ["", "/etc/passwd", "a/../b", "..", "a//b", "a/", ".hidden"])
def test_a_key_that_could_leave_the_store_is_refused(media: MediaStore, key: str) -> None:
    with pytest.raises(ValueError, match="not a media key"):
        media.get(key)


def test_a_folders_file_is_handed_out_without_a_copy(tmp_path: Path) -> None:
    media = open_media_store(f"file://{tmp_path}")
    media.put("uploads/a", [b"x"])
    with media.local_file("uploads/a") as path:
        assert path == tmp_path / "uploads" / "a"


@pytest.mark.parametrize("url", ["carrier-pigeon://me:secret@loft", "s4://x", "s3://", "gs:///"])
def test_a_store_of_unknown_kind_or_without_a_name_is_refused_with_what_is_known(url: str) -> None:
    with pytest.raises(SettingsInvalid, match="s3://, gs://, az://") as refused:
        open_media_store(url)
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_of_a_store_that_cannot_be_opened_one_line_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(SettingsInvalid, match="Account must be specified") as refused:
        open_media_store("az://calls")
    assert len(str(refused.value).splitlines()) == 1
    assert refused.value.__cause__ is None


def test_a_full_disk_is_storage_full_and_leaves_nothing(tmp_path: Path) -> None:
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(tmp_path)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("may not mount a small disk here")
    try:
        media = open_media_store(str(tmp_path))
        with pytest.raises(StorageFull):
            media.put("uploads/a", [b"x" * MIB] * 12)
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_children_are_the_names_that_have_keys_below(tmp_path: Path) -> None:
    for store in (open_media_store(str(tmp_path)), open_media_store("memory://")):
        store.put("work/a/chunk-0", [b"x"])
        store.put("work/a/chunk-1", [b"x"])
        store.put("work/b/chunk-0", [b"x"])
        store.put("uploads/c", [b"x"])
        assert sorted(store.children("work")) == ["a", "b"]
        assert store.children("none") == []


KILLED_WHILE_WRITING = """
import os, sys
from earshot.storage.media import open_media_store
def chunks():
    for _ in range(24):  # more than the store holds back in memory
        yield bytes(2**20)
    os._exit(9)
open_media_store(sys.argv[1]).put(sys.argv[2], chunks())
"""


def leave_half_written(folder: Path, key: str) -> None:
    """Have a process end in the middle of a put."""
    command = [sys.executable, "-c", KILLED_WHILE_WRITING, str(folder), key]
    assert subprocess.run(command, check=False).returncode == 9
    assert files_in(folder)


def files_in(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


def test_deleting_a_prefix_deletes_what_a_killed_process_left_half_written(tmp_path: Path) -> None:
    leave_half_written(tmp_path, "work/a/words-0")
    media = open_media_store(str(tmp_path))
    media.put("work/b/words-0", [b"x"])
    media.delete_prefix("work/a")
    assert files_in(tmp_path) == ["words-0"]


def test_deleting_a_key_deletes_what_a_killed_process_left_of_it(tmp_path: Path) -> None:
    leave_half_written(tmp_path, "uploads/a")
    media = open_media_store(str(tmp_path))
    media.put("uploads/ab", [b"x"])
    media.delete("uploads/a")
    assert files_in(tmp_path) == ["ab"]


def test_a_folder_that_was_deleted_can_be_written_to_again(tmp_path: Path) -> None:
    media = open_media_store(str(tmp_path))
    for _ in range(2):
        media.put("work/a/words-0", [b"x"])
        media.delete_prefix("work/a")
        media.delete_prefix("work/a")
    assert media.children("work") == []


def test_old_keys_are_found_half_written_ones_too(tmp_path: Path) -> None:
    leave_half_written(tmp_path, "uploads/a")
    media = open_media_store(str(tmp_path))
    media.put("uploads/b", [b"x"])
    media.put("work/c", [b"x"])
    hour = timedelta(hours=1)
    assert media.keys_older_than("uploads", datetime.now(UTC) - hour) == set()
    assert media.keys_older_than("uploads", datetime.now(UTC) + hour) == {"uploads/a", "uploads/b"}


def test_old_keys_are_found_in_a_folder_and_in_the_cloud(media: MediaStore) -> None:
    media.put("uploads/b", [b"x"])
    hour = timedelta(hours=1)
    assert media.keys_older_than("uploads", datetime.now(UTC) - hour) == set()
    assert media.keys_older_than("uploads", datetime.now(UTC) + hour) == {"uploads/b"}
    assert media.keys_older_than("none", datetime.now(UTC) + hour) == set()
