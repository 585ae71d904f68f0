import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import urlopen

import pytest
from typing_extensions import override

from earshot.errors import DownloadFailed, ModelCorrupt, ModelMissing
from earshot.models.catalog import ModelSpec
from earshot.models.hub import HubRepository
from earshot.models.layout import WHISPER_LAYOUT
from earshot.models.manifest import MANIFEST_NAME
from earshot.models.sources import (
    Download,
    FolderSource,
    HubSource,
    ModelFile,
    Report,
    Source,
)
from earshot.models.store import ModelState, ModelStore
from tests.fake_hub import FakeHub

WEIGHTS = b"the weights"
FILE = ModelFile("weights.bin", sha256(WEIGHTS).hexdigest(), len(WEIGHTS))


def spec_from(*sources: Source) -> ModelSpec:
    return ModelSpec(
        name="tiny",
        purpose="is for tests",
        licence="MIT",
        files=(FILE,),
        sources=sources,
        is_required=False,
    )


def store_of(tmp_path: Path, *sources: Source) -> ModelStore:
    return ModelStore(tmp_path / "store", extra=(spec_from(*sources),))


def folder_with(path: Path, content: bytes = WEIGHTS) -> FolderSource:
    path.mkdir()
    (path / FILE.name).write_bytes(content)
    return FolderSource(path)


def refuse_download(url: str) -> Iterator[bytes]:
    raise AssertionError(f"nothing was to be downloaded: {url}")


def be_out_of_reach(url: str) -> Iterator[bytes]:
    raise DownloadFailed(url)


def ignore(_line: str) -> None:
    """Nobody watches the progress."""


def left_behind(store: ModelStore) -> list[str]:
    return [path.name for path in store.folder.rglob(".*")]


def test_a_file_is_copied_from_a_source_on_this_machine_the_first_time(tmp_path: Path) -> None:
    store = store_of(tmp_path, folder_with(tmp_path / "source"))
    path = store.files("tiny")["weights.bin"]
    assert path.read_bytes() == WEIGHTS
    assert path.parent == store.path("tiny")
    (tmp_path / "source" / FILE.name).unlink()
    again = store_of(tmp_path, FolderSource(tmp_path / "source"))
    assert again.files("tiny") == {"weights.bin": path}
    assert left_behind(store) == []


def test_whoever_may_enter_the_folder_may_read_what_another_user_pulled(tmp_path: Path) -> None:
    store = store_of(tmp_path, folder_with(tmp_path / "source"))
    mode = stat.S_IMODE(store.files("tiny")["weights.bin"].stat().st_mode)
    assert mode & stat.S_IROTH


def test_a_missing_model_names_the_command_that_brings_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="Run: earshot models pull tiny"):
        store_of(tmp_path).files("tiny")


def test_an_unknown_model_is_refused_with_the_names_of_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="no model is named 'huge'; known: moonshine, "):
        store_of(tmp_path).files("huge")


def test_a_source_with_a_wrong_checksum_is_corrupt_and_nothing_of_it_is_kept(
    tmp_path: Path,
) -> None:
    store = store_of(tmp_path, folder_with(tmp_path / "source", b"other weights"))
    with pytest.raises(ModelCorrupt, match=r"weights\.bin does not have its published checksum"):
        store.files("tiny")
    assert not (store.path("tiny") / FILE.name).exists()


def test_a_file_that_was_placed_by_hand_is_used_if_it_is_the_right_one(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    store.path("tiny").mkdir(parents=True)
    (store.path("tiny") / FILE.name).write_bytes(WEIGHTS)
    assert store.is_present("tiny")
    assert store.files("tiny")["weights.bin"].read_bytes() == WEIGHTS


def test_a_file_that_was_damaged_on_disk_is_corrupt(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    store.path("tiny").mkdir(parents=True)
    (store.path("tiny") / FILE.name).write_bytes(WEIGHTS[:-1])
    with pytest.raises(ModelCorrupt, match="pull it again"):
        store.files("tiny")


class Archive:
    """A source that gives everything in one go, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked_for: list[list[str]] = []

    def find_present(self, file: ModelFile) -> bytes | None:
        del file
        return None

    def fetch(
        self, files: Sequence[ModelFile], download: Download, report: Report
    ) -> Iterator[tuple[ModelFile, bytes]]:
        del download, report
        self.asked_for.append([file.name for file in files])
        return ((file, WEIGHTS) for file in files)

    def describe(self) -> str:
        return "archive"


class TestPull:
    def test_what_is_present_is_not_downloaded(self, tmp_path: Path) -> None:
        said: list[str] = []
        store = store_of(tmp_path, folder_with(tmp_path / "source"))
        store.pull(["tiny"], refuse_download, said.append)
        assert said == ["tiny: present and checked"]

    def test_a_file_comes_from_the_hub_over_http(self, tmp_path: Path, hub_url: str) -> None:
        store = store_of(tmp_path, HubSource("org/tiny", "v1", hub_url))
        assert not store.is_present("tiny")
        store.pull(["tiny"], download_plainly, ignore)
        assert store.files("tiny")["weights.bin"].read_bytes() == WEIGHTS

    def test_a_hub_that_is_out_of_reach_leaves_it_to_the_next_source(
        self, tmp_path: Path, hub_url: str
    ) -> None:
        def download(url: str) -> Iterator[bytes]:
            return download_plainly(url) if "mirror" in url else be_out_of_reach(url)

        said: list[str] = []
        store = store_of(
            tmp_path, HubSource("org/tiny", "v1", hub_url), HubSource("mirror/tiny", "v1", hub_url)
        )
        store.pull(["tiny"], download, said.append)
        assert said[-1] == "tiny: pulled from hub mirror/tiny@v1"
        assert store.files("tiny")

    def test_a_hub_with_other_weights_leaves_it_to_the_next_source(self, tmp_path: Path) -> None:
        def download(url: str) -> Iterator[bytes]:
            yield WEIGHTS if "mirror" in url else b"other weights"

        store = store_of(tmp_path, HubSource("org/tiny", "v1"), HubSource("mirror/tiny", "v1"))
        store.pull(["tiny"], download, ignore)
        assert store.files("tiny")["weights.bin"].read_bytes() == WEIGHTS

    def test_when_every_source_fails_each_says_why(self, tmp_path: Path) -> None:
        def download(url: str) -> Iterator[bytes]:
            return iter([b"other"]) if "mirror" in url else be_out_of_reach(url)

        store = store_of(tmp_path, HubSource("org/tiny", "v1"), HubSource("mirror/tiny", "v2"))
        with pytest.raises(ModelMissing, match=r"Download error.*; hub mirror/tiny@v2: .*checksum"):
            store.pull(["tiny"], download, ignore)
        assert left_behind(store) == []

    def test_a_damaged_file_is_replaced_from_this_machine_without_a_download(
        self, tmp_path: Path
    ) -> None:
        store = store_of(tmp_path, folder_with(tmp_path / "source"))
        store.path("tiny").mkdir(parents=True)
        (store.path("tiny") / FILE.name).write_bytes(b"damaged")
        store.pull(["tiny"], refuse_download, ignore)
        assert store.files("tiny")["weights.bin"].read_bytes() == WEIGHTS

    def test_models_that_share_a_source_share_its_download(self, tmp_path: Path) -> None:
        archive = Archive()
        spec = store_of(tmp_path, archive).spec("tiny")
        other = replace(spec, name="other", files=(replace(FILE, name="other.bin"),))
        store = ModelStore(tmp_path / "store", (spec, other))
        store.pull(["tiny", "other"], refuse_download, ignore)
        assert archive.asked_for == [["weights.bin", "other.bin"]]
        assert store.files("tiny")
        assert store.files("other")

    def test_a_model_without_a_source_cannot_be_pulled(self, tmp_path: Path) -> None:
        with pytest.raises(ModelMissing, match="no source"):
            store_of(tmp_path).pull(["tiny"], refuse_download, ignore)


class TestStates:
    def test_what_could_be_had_without_a_download_is_present_and_takes_no_room_yet(
        self, tmp_path: Path
    ) -> None:
        store = store_of(tmp_path, folder_with(tmp_path / "source"))
        before = {state.spec.name: state for state in store.states()}["tiny"]
        store.files("tiny")
        after = {state.spec.name: state for state in store.states()}["tiny"]
        assert (before.is_present, before.n_bytes) == (True, 0)
        assert (after.is_present, after.n_bytes) == (True, len(WEIGHTS))

    def test_what_is_only_on_a_hub_is_not_present(self, tmp_path: Path) -> None:
        assert not store_of(tmp_path, HubSource("org/tiny", "v1")).is_present("tiny")


class TestRemove:
    def test_a_removed_model_is_checked_anew_when_it_comes_back(self, tmp_path: Path) -> None:
        store = store_of(tmp_path, folder_with(tmp_path / "source"))
        path = store.files("tiny")["weights.bin"]
        assert store.remove("tiny")
        assert not path.exists()
        path.parent.mkdir()
        path.write_bytes(b"other weights")
        with pytest.raises(ModelCorrupt):
            store.files("tiny")

    def test_removing_a_model_that_is_linked_removes_the_link_alone(self, tmp_path: Path) -> None:
        store = store_of(tmp_path)
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        (elsewhere / "weights.bin").touch()
        store.folder.mkdir(parents=True, exist_ok=True)
        store.path("tiny").symlink_to(elsewhere)
        assert store.remove("tiny")
        assert not store.path("tiny").is_symlink()
        assert (elsewhere / "weights.bin").is_file()

    def test_removing_what_is_not_there_is_no_error(self, tmp_path: Path) -> None:
        assert not store_of(tmp_path).remove("tiny")


def test_a_folder_in_the_place_of_a_file_is_told_by_its_name(tmp_path: Path) -> None:
    store = store_of(tmp_path, folder_with(tmp_path / "source"))
    wrong = store.path("tiny") / FILE.name
    wrong.mkdir(parents=True)
    with pytest.raises(ModelCorrupt, match=r"tiny/weights\.bin is a folder, and must be a file"):
        store.files("tiny")
    with pytest.raises(ModelCorrupt, match="must be a file"):
        store.pull(["tiny"], refuse_download, ignore)


def test_a_file_in_the_place_of_a_folder_is_told_by_its_name(tmp_path: Path) -> None:
    store = store_of(tmp_path, folder_with(tmp_path / "source"))
    store.folder.mkdir()
    store.path("tiny").touch()
    with pytest.raises(ModelCorrupt, match=r"store/tiny is no folder, as it must be"):
        store.files("tiny")


class TestDerived:
    def test_a_derived_file_is_built_once(self, tmp_path: Path) -> None:
        n_builds = 0

        def build(path: Path) -> None:
            nonlocal n_builds
            n_builds += 1
            path.write_text("built")

        for _ in range(2):
            path = store_of(tmp_path).derived("tiny", "graph-1.onnx", build)
            assert path.read_text() == "built"
        assert n_builds == 1

    @pytest.mark.parametrize("damaged", ["", "no", "broken"])
    def test_a_derived_file_that_was_damaged_is_built_again(
        self, tmp_path: Path, damaged: str
    ) -> None:
        def build(path: Path) -> None:
            path.write_text("built")

        store_of(tmp_path).derived("tiny", "graph-1.onnx", build).write_text(damaged)
        assert store_of(tmp_path).derived("tiny", "graph-1.onnx", build).read_text() == "built"

    def test_a_derived_file_of_an_earlier_release_is_used_as_it_is(self, tmp_path: Path) -> None:
        store = store_of(tmp_path)
        path = store.path("tiny") / "derived" / "graph-1.onnx"
        path.parent.mkdir(parents=True)
        path.write_text("built long ago")
        assert store.derived("tiny", path.name, Path.touch).read_text() == "built long ago"

    def test_what_earlier_releases_derived_is_deleted_and_nothing_else(
        self, tmp_path: Path
    ) -> None:
        store = store_of(tmp_path)
        folder = store.path("tiny") / "derived"
        folder.mkdir(parents=True)
        old = ["graph-2.onnx", "graph-2.onnx.sha256", "graph-9.onnx"]
        others = ["graph-11.onnx", "graph-2.npz", "head-2.onnx", "graph.onnx", ".graph-2.onnx.x"]
        for name in (*old, *others):
            (folder / name).write_text("built")
        store.derived("tiny", "graph-10.onnx", lambda partial: partial.touch())
        left = {path.name for path in folder.iterdir()}
        assert left == {*others, "graph-10.onnx", "graph-10.onnx.sha256"}

    def test_a_build_that_fails_leaves_nothing(self, tmp_path: Path) -> None:
        def build(path: Path) -> None:
            path.write_text("half")
            raise RuntimeError("interrupted")

        store = store_of(tmp_path)
        with pytest.raises(RuntimeError):
            store.derived("tiny", "graph-1.onnx", build)
        assert [path for path in store.folder.rglob("*") if path.is_file()] == []

    def test_derived_files_go_with_their_model(self, tmp_path: Path) -> None:
        store = store_of(tmp_path)
        path = store.derived("tiny", "graph-1.onnx", lambda partial: partial.touch())
        store.remove("tiny")
        assert not path.exists()


def _extract(folder: str) -> list[str]:
    store = ModelStore(Path(folder))
    names = [path.name for path in store.files("silero").values()]
    assert "moonshine_voice" not in sys.modules
    return names


@pytest.mark.slow
def test_two_processes_may_extract_the_same_graph_at_once(tmp_path: Path) -> None:
    with get_context("spawn").Pool(2) as pool:
        assert pool.map(_extract, [str(tmp_path)] * 2) == [["silero_vad.ort"]] * 2
    assert left_behind(ModelStore(tmp_path)) == []
    assert ModelStore(tmp_path).files("silero")


def test_a_spec_of_the_same_name_takes_the_place_of_the_catalogs(tmp_path: Path) -> None:
    ours = replace(spec_from(folder_with(tmp_path / "source")), name="silero")
    store = ModelStore(tmp_path / "store", extra=(ours,))
    assert list(store.files("silero")) == ["weights.bin"]


class _Hub(BaseHTTPRequestHandler):
    """Has the weights at revision v1 of any repository."""

    def do_GET(self) -> None:
        is_known = self.path.endswith("/resolve/v1/weights.bin")
        self.send_response(200 if is_known else 404)
        self.end_headers()
        if is_known:
            self.wfile.write(WEIGHTS)

    @override
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def hub_url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Hub) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def download_plainly(url: str) -> Iterator[bytes]:
    with urlopen(url) as response:
        yield from iter(lambda: response.read(4), b"")


class TestWholeModels:
    """Models whose files are learnt when they come."""

    SPEC = ModelSpec(
        name="own",
        purpose="is for tests",
        licence="MIT",
        layout=WHISPER_LAYOUT,
        repository=HubRepository("org/tiny"),
    )

    @pytest.fixture
    def store(self, tmp_path: Path) -> ModelStore:
        return ModelStore(tmp_path / "store", extra=(self.SPEC,))

    def state(self, store: ModelStore) -> ModelState:
        return {state.spec.name: state for state in store.states()}["own"]

    def test_before_it_came_it_is_missing_and_says_how_to_get_it(self, store: ModelStore) -> None:
        assert not store.is_present("own")
        assert not self.state(store).is_damaged
        with pytest.raises(ModelMissing, match="Run: earshot models pull own"):
            store.folder_of("own")

    def test_what_came_from_the_hub_is_present_and_checked(
        self, store: ModelStore, hub: FakeHub
    ) -> None:
        said: list[str] = []
        store.pull_whole("own", hub.reached(), said.append)
        assert store.is_present("own")
        assert said[-1].startswith(f"own: pulled from {hub.url}/org/tiny at ")
        assert (store.folder_of("own") / "model.bin").read_bytes() == hub.files["model.bin"]
        hub.asked.clear()
        store.pull_whole("own", hub.reached(), said.append)
        assert said[-1] == "own: present and checked"
        assert hub.asked == []

    def test_files_without_a_manifest_are_no_model_yet(
        self, store: ModelStore, content: dict[str, bytes]
    ) -> None:
        store.path("own").mkdir(parents=True)
        for name, kept in content.items():
            (store.path("own") / name).write_bytes(kept)
        assert not store.is_present("own")
        assert self.state(store).is_damaged
        store.pull_whole("own", store.path("own"), ignore)
        assert store.is_present("own")
        assert not self.state(store).is_damaged

    def test_a_file_that_changed_since_it_came_is_corrupt(
        self, store: ModelStore, hub: FakeHub
    ) -> None:
        store.pull_whole("own", hub.reached(), ignore)
        (store.path("own") / "model.bin").write_bytes(b"x" * 3000)
        assert store.is_present("own")
        assert not self.state(store).is_damaged  # the size is right: only reading it would show
        with pytest.raises(ModelCorrupt, match=r"model\.bin does not have its published checksum"):
            ModelStore(store.folder, extra=(self.SPEC,)).folder_of("own")

    def test_a_corrupt_model_is_replaced_by_a_pull(self, store: ModelStore, hub: FakeHub) -> None:
        store.pull_whole("own", hub.reached(), ignore)
        (store.path("own") / "model.bin").write_bytes(b"cut short")
        assert self.state(store).is_damaged
        again = ModelStore(store.folder, extra=(self.SPEC,))
        again.pull_whole("own", hub.reached(), ignore)
        assert (again.folder_of("own") / "model.bin").read_bytes() == hub.files["model.bin"]

    def test_a_file_that_is_gone_makes_the_model_missing(
        self, store: ModelStore, hub: FakeHub
    ) -> None:
        store.pull_whole("own", hub.reached(), ignore)
        (store.path("own") / "vocabulary.json").unlink()
        assert not store.is_present("own")
        assert self.state(store).is_damaged

    def test_a_damaged_manifest_makes_the_model_damaged(
        self, store: ModelStore, hub: FakeHub
    ) -> None:
        store.pull_whole("own", hub.reached(), ignore)
        (store.path("own") / MANIFEST_NAME).write_text("{")
        assert not store.is_present("own")
        assert self.state(store).is_damaged

    def test_a_model_of_known_files_is_not_pulled_as_a_whole(
        self, tmp_path: Path, hub: FakeHub
    ) -> None:
        with pytest.raises(ModelMissing, match="is not a model that is pulled"):
            store_of(tmp_path).pull_whole("tiny", hub.reached(), ignore)


class TestOwnFolders:
    """Models that lie in a folder of the operator's own."""

    def store(self, tmp_path: Path, content: dict[str, bytes]) -> ModelStore:
        folder = tmp_path / "mine"
        folder.mkdir()
        for name, kept in content.items():
            (folder / name).write_bytes(kept)
        spec = ModelSpec("mine", "is mine", "yours", layout=WHISPER_LAYOUT, own_folder=folder)
        return ModelStore(tmp_path / "store", extra=(spec,))

    def test_it_is_used_where_it_lies(self, tmp_path: Path, content: dict[str, bytes]) -> None:
        store = self.store(tmp_path, content)
        assert store.is_present("mine")
        assert store.folder_of("mine") == tmp_path / "mine"

    def test_it_is_missing_while_it_lacks_files(
        self, tmp_path: Path, content: dict[str, bytes]
    ) -> None:
        del content["model.bin"]
        store = self.store(tmp_path, content)
        assert not store.is_present("mine")
        with pytest.raises(ModelMissing, match=r"mine is incomplete: it has no model\.bin"):
            store.folder_of("mine")

    def test_a_folder_by_the_name_of_a_file_is_none(
        self, tmp_path: Path, content: dict[str, bytes]
    ) -> None:
        del content["model.bin"]
        store = self.store(tmp_path, content)
        (tmp_path / "mine" / "model.bin").mkdir()
        with pytest.raises(ModelMissing, match=r"mine is incomplete: it has no model\.bin"):
            store.folder_of("mine")

    def test_it_is_neither_pulled_nor_removed(
        self, tmp_path: Path, content: dict[str, bytes], hub: FakeHub
    ) -> None:
        store = self.store(tmp_path, content)
        with pytest.raises(ModelMissing, match="not a model that is pulled"):
            store.pull_whole("mine", hub.reached(), ignore)
        with pytest.raises(ModelMissing, match="a folder of yours"):
            store.remove("mine")
        assert (tmp_path / "mine" / "model.bin").is_file()
