import shutil
from collections import namedtuple
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from earshot.errors import ModelCorrupt, ModelMissing, NoAnswer
from earshot.models.arrival import copy_model, pull_model, written_at_once
from earshot.models.hub import Hub, HubRepository
from earshot.models.layout import WHISPER_LAYOUT
from earshot.models.manifest import MANIFEST_NAME, Manifest, read_manifest
from earshot.models.sources import ignore_progress
from tests.fake_hub import COMMIT, FakeHub

TINY = HubRepository("org/tiny")


def ignore(_line: str) -> None:
    """Nobody watches the progress."""


def pull(hub: Hub, folder: Path) -> Manifest:
    return pull_model(hub, TINY, folder, WHISPER_LAYOUT, ignore, ignore_progress)


def copy(source: Path, folder: Path) -> Manifest:
    return copy_model(source, folder, WHISPER_LAYOUT, ignore, ignore_progress)


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


class TestPull:
    def test_the_files_of_the_model_and_their_checksums_are_kept(
        self, tmp_path: Path, hub: FakeHub
    ) -> None:
        manifest = pull(hub.reached(), tmp_path)
        assert names_in(tmp_path) == {*hub.files, MANIFEST_NAME} - {"README.md"}
        assert read_manifest(tmp_path) == manifest
        assert manifest.origin == f"{hub.url}/org/tiny at {COMMIT}"
        for file in manifest.files:
            kept = (tmp_path / file.name).read_bytes()
            assert kept == hub.files[file.name]
            assert (file.sha256, file.n_bytes) == (sha256(kept).hexdigest(), len(kept))

    def test_progress_ends_with_all_bytes_of_each_file(self, tmp_path: Path, hub: FakeHub) -> None:
        seen: dict[str, tuple[int, int]] = {}
        pull_model(
            hub.reached(),
            TINY,
            tmp_path,
            WHISPER_LAYOUT,
            ignore,
            lambda name, n_done, n_bytes: seen.__setitem__(name, (n_done, n_bytes)),
        )
        expected = {name: (len(hub.files[name]), len(hub.files[name])) for name in seen}
        assert seen == expected
        assert set(seen) == set(hub.files) - {"README.md"}

    def test_a_file_that_came_wrong_leaves_no_model_and_no_part_of_itself(
        self, tmp_path: Path, hub: FakeHub
    ) -> None:
        hub.lies["model.bin"] = b"x" * 3000
        with pytest.raises(ModelCorrupt):
            pull(hub.reached(), tmp_path)
        assert read_manifest(tmp_path) is None
        assert names_in(tmp_path) == {"config.json"}

    def test_a_pull_that_broke_off_goes_on_with_the_files_it_lacks(
        self, tmp_path: Path, hub: FakeHub
    ) -> None:
        reached = hub.reached()

        def break_off(url: str) -> Iterator[bytes]:
            yield from reached.download(url) if "model.bin" not in url else iter([b"w" * 100])
            if "model.bin" in url:
                raise NoAnswer("ReadTimeout")

        with pytest.raises(ModelMissing, match="broke off"):
            pull(Hub(hub.url, break_off), tmp_path)
        assert names_in(tmp_path) == {"config.json"}
        hub.asked.clear()
        manifest = pull(reached, tmp_path)
        assert {file.name for file in manifest.files} == set(hub.files) - {"README.md"}
        assert not any(path.endswith("/config.json") for path in hub.asked)

    def test_a_file_left_in_another_state_is_fetched_again(
        self, tmp_path: Path, hub: FakeHub
    ) -> None:
        (tmp_path / "model.bin").write_bytes(b"x" * 3000)
        (tmp_path / "config.json").write_bytes(b"")
        pull(hub.reached(), tmp_path)
        assert (tmp_path / "model.bin").read_bytes() == hub.files["model.bin"]
        assert (tmp_path / "config.json").read_bytes() == hub.files["config.json"]

    def test_a_repository_without_a_model_of_the_kind_says_what_it_lacks(
        self, tmp_path: Path, hub: FakeHub
    ) -> None:
        del hub.files["vocabulary.json"]
        with pytest.raises(ModelMissing, match=r"org/tiny@main on .* is incomplete.*vocabulary"):
            pull(hub.reached(), tmp_path)

    def test_a_disk_without_room_is_noticed_before_the_download(
        self, tmp_path: Path, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        usage = namedtuple("usage", "total used free")
        monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(9, 9, 1000))
        with pytest.raises(ModelMissing, match="has room for 0 MB; the model takes 0 MB"):
            pull(hub.reached(), tmp_path)
        assert names_in(tmp_path) == set()


class TestCopy:
    @pytest.fixture
    def source(self, tmp_path: Path, content: dict[str, bytes]) -> Path:
        folder = tmp_path / "source"
        folder.mkdir()
        for name, kept in content.items():
            (folder / name).write_bytes(kept)
        return folder

    def test_a_folder_gives_the_files_and_its_name(self, tmp_path: Path, source: Path) -> None:
        store = tmp_path / "store"
        manifest = copy(source, store)
        assert manifest.origin == f"folder {source}"
        assert names_in(store) == {*names_in(source), MANIFEST_NAME} - {"README.md"}

    def test_what_lies_in_the_store_already_is_only_written_down(self, source: Path) -> None:
        copy(source, source)
        assert read_manifest(source) is not None

    def test_a_manifest_in_the_folder_is_held_to(self, tmp_path: Path, source: Path) -> None:
        first = copy(source, tmp_path / "first")
        second = copy(tmp_path / "first", tmp_path / "second")
        assert second == first
        (tmp_path / "first" / "model.bin").write_bytes(b"other weights")
        with pytest.raises(ModelCorrupt, match=r"model\.bin does not have the checksum"):
            copy(tmp_path / "first", tmp_path / "third")
        assert read_manifest(tmp_path / "third") is None

    def test_a_folder_that_is_none_or_lacks_files_is_refused_by_name(
        self, tmp_path: Path, source: Path
    ) -> None:
        with pytest.raises(ModelMissing, match=r"nowhere is not a folder"):
            copy(tmp_path / "nowhere", tmp_path / "store")
        (source / "tokenizer.json").unlink()
        with pytest.raises(ModelMissing, match=r"source is incomplete: it has no tokenizer\.json"):
            copy(source, tmp_path / "store")


def test_what_fails_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("before")

    def fail() -> None:
        with written_at_once(path) as partial:
            partial.write_text("half")
            raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        fail()
    assert path.read_text() == "before"
    assert names_in(tmp_path) == {"file"}
