"""The model store: one folder with a checked copy of every model file that is in use."""

import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Final

from earshot.errors import ModelCorrupt, ModelMissing
from earshot.models.arrival import copy_model, pull_model, written_at_once
from earshot.models.catalog import CATALOG, ModelSpec
from earshot.models.hub import Hub
from earshot.models.manifest import PULL_AGAIN, read_manifest
from earshot.models.sources import (
    Advance,
    Download,
    ModelFile,
    Report,
    Source,
    ignore_progress,
)

_DIGEST_SUFFIX: Final = ".sha256"
_VERSIONED: Final = re.compile(r"(?P<stem>[^.]+)-(?P<version>\d{1,9})(?P<end>\.[^.]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class ModelState:
    """What the store knows of one model without reading it; `n_bytes` is what it takes on disk.

    A damaged model lacks files, or has some of another size than they should be.
    """

    spec: ModelSpec
    is_present: bool
    n_bytes: int
    is_damaged: bool = False


class ModelStore:
    """Hands out paths of model files that have the published checksum.

    A file is copied into `folder/<model>/` the first time it is asked for, from a source that needs
    no download; only `pull` downloads. Files placed there by hand are checked like any other.
    Several processes may use one folder at the same time.
    """

    def __init__(self, folder: Path, extra: tuple[ModelSpec, ...] = ()) -> None:
        self.folder = folder
        self._specs: Mapping[str, ModelSpec] = {spec.name: spec for spec in (*CATALOG, *extra)}
        self._checked: set[Path] = set()

    def specs(self) -> tuple[ModelSpec, ...]:
        return tuple(self._specs.values())

    def spec(self, name: str) -> ModelSpec:
        """The model of that name; raises ModelMissing with the names there are."""
        if name not in self._specs:
            raise ModelMissing(f"no model is named '{name}'; known: {', '.join(self._specs)}")
        return self._specs[name]

    def path(self, name: str) -> Path:
        """The folder that holds, or would hold, the model's files."""
        spec = self.spec(name)
        return spec.own_folder or self.folder / spec.name

    def states(self) -> Iterator[ModelState]:
        return map(self.state, self._specs)

    def state(self, name: str) -> ModelState:
        spec = self.spec(name)
        folder = self.path(name)
        entries = folder.iterdir() if folder.is_dir() else ()
        n_bytes = sum(entry.stat().st_size for entry in entries if entry.is_file())
        is_present = self.is_present(name)
        is_damaged = n_bytes > 0 and not (is_present and self._has_right_sizes(spec))
        return ModelState(spec, is_present, n_bytes, is_damaged)

    def is_present(self, name: str) -> bool:
        """Whether every file of the model can be had without a download."""
        spec = self.spec(name)
        try:
            expected = self._expected_files(spec)
        except (ModelMissing, ModelCorrupt):
            return False
        return all(
            (self.path(name) / file.name).is_file() or _find_present(spec, file) is not None
            for file in expected
        )

    def files(self, name: str) -> dict[str, Path]:
        """File name -> checked path; raises ModelMissing or ModelCorrupt, and never downloads."""
        spec = self.spec(name)
        return {file.name: self._checked_file(spec, file) for file in self._expected_files(spec)}

    def folder_of(self, name: str) -> Path:
        """The folder of a model that is loaded as a whole, its files checked; raises as `files`."""
        self.files(name)
        return self.path(name)

    def _expected_files(self, spec: ModelSpec) -> tuple[ModelFile, ...]:
        """The files that the model must have: as this release knows, or as they came."""
        if spec.layout is None:
            return spec.files
        if spec.own_folder is not None:
            return _files_of_folder(spec, spec.own_folder)
        manifest = read_manifest(self.path(spec.name))
        if manifest is None:
            raise ModelMissing(_how_to_get(spec))
        return manifest.files

    def _has_right_sizes(self, spec: ModelSpec) -> bool:
        """Whether the files that lie in the folder are as long as they should be."""
        paths = {file: self.path(spec.name) / file.name for file in self._expected_files(spec)}
        return all(
            path.stat().st_size == file.n_bytes
            for file, path in paths.items()
            if path.is_file() and file.n_bytes is not None
        )

    def pull(
        self,
        names: Iterable[str],
        download: Download,
        report: Report,
        sources: Sequence[Source] | None = None,
    ) -> None:
        """Make every file of the models present, downloading what is not on this machine.

        Models that share a source share its download. `sources` take the place of the catalog's.
        """
        missing = {name: self._missing_files(self.spec(name)) for name in names}
        for name in [name for name, files in missing.items() if not files]:
            del missing[name]
            report(f"{name}: present and checked")
        complaints = []
        for source in self._sources_of(missing) if sources is None else sources:
            asked = [n for n in missing if sources is not None or source in self.spec(n).sources]
            try:
                self._fetch(source, {name: missing[name] for name in asked}, download, report)
            except (ModelMissing, ModelCorrupt) as problem:
                complaints.append(str(problem))
            else:
                for name in asked:
                    del missing[name]
                    report(f"{name}: pulled from {source.describe()}")
        if missing:
            reason = "; ".join(complaints) or "no source to download it from"
            raise ModelMissing(f"{', '.join(missing)}: {reason}")

    def _missing_files(self, spec: ModelSpec) -> list[ModelFile]:
        return [
            file
            for file in spec.files
            if not (self._is_usable(spec, file) or self._replace_from_here(spec, file))
        ]

    def _sources_of(self, names: Iterable[str]) -> list[Source]:
        """The models' sources, each once, in order of preference."""
        sources: list[Source] = []
        for name in names:
            sources += [source for source in self.spec(name).sources if source not in sources]
        return sources

    def _fetch(
        self,
        source: Source,
        wanted: Mapping[str, Sequence[ModelFile]],
        download: Download,
        report: Report,
    ) -> None:
        """Keep the wanted files, which are listed by model, as the source gives them."""
        owners = {file: self.spec(name) for name, files in wanted.items() for file in files}
        if not owners:
            return
        for file, found in source.fetch(list(owners), download, report):
            _check(file, sha256(found).hexdigest(), source.describe())
            self._keep(owners[file], file, found)

    def pull_whole(
        self,
        name: str,
        origin: Hub | Path,
        report: Report,
        advance: Advance = ignore_progress,
    ) -> None:
        """Make a model present that is loaded as a whole, from the hub or from a folder.

        `advance` is told a file's name, and how many of its bytes have come. Raises ModelMissing
        and ModelCorrupt; what was there before is then still there.
        """
        spec = self.spec(name)
        if spec.layout is None or spec.own_folder is not None:
            raise ModelMissing(f"{name} is not a model that is pulled")
        if self._is_whole(name):
            report(f"{name}: present and checked")
            return
        if isinstance(origin, Path):
            manifest = copy_model(origin, self.path(name), spec.layout, report, advance)
        elif spec.repository is None:
            raise ModelMissing(_how_to_get(spec))
        else:
            folder = self.path(name)
            manifest = pull_model(origin, spec.repository, folder, spec.layout, report, advance)
        self._checked -= {self.path(name) / file.name for file in manifest.files}
        report(f"{name}: pulled from {manifest.origin}")

    def _is_whole(self, name: str) -> bool:
        try:
            self.files(name)
        except (ModelMissing, ModelCorrupt):
            return False
        return True

    def remove(self, name: str) -> bool:
        """Delete the model's folder, derived files included; False when there was none.

        A folder of the operator's own is left alone: ModelMissing says so. So is one that a link
        leads to; the link goes.
        """
        if self.spec(name).own_folder is not None:
            raise ModelMissing(f"{name} lies in a folder of yours; it is not ours to remove")
        folder = self.path(name)
        if folder.is_symlink():
            folder.unlink()
        elif folder.is_dir():
            shutil.rmtree(folder)
        else:
            return False
        self._checked = {path for path in self._checked if folder not in path.parents}
        return True

    def derived(self, name: str, file_name: str, build: Callable[[Path], None]) -> Path:
        """A file built once from the model's own files; `build` writes it to the path it gets.

        One that has been damaged since is built again. The number at the end of its name, before
        the suffix, is of a version: those of earlier ones are deleted.
        """
        path = self.path(name) / "derived" / file_name
        _delete_earlier_versions(path)
        if not _is_as_built(path):
            with written_at_once(path) as partial:
                build(partial)
                with written_at_once(_digest_beside(path)) as stated:
                    stated.write_text(_digest_of(partial))
        return path

    def _is_usable(self, spec: ModelSpec, file: ModelFile) -> bool:
        try:
            self._checked_file(spec, file)
        except (ModelMissing, ModelCorrupt):
            return False
        return True

    def _replace_from_here(self, spec: ModelSpec, file: ModelFile) -> bool:
        """Whether a source on this machine had a sound file to put in place of a bad one."""
        found = _find_present(spec, file)
        if found is None or not _is_sound(file, found):
            return False
        self._keep(spec, file, found)
        return True

    def _checked_file(self, spec: ModelSpec, file: ModelFile) -> Path:
        path = self.path(spec.name) / file.name
        if path in self._checked or spec.own_folder is not None:
            return path
        if path.is_file():
            _check(file, _digest_of(path), str(path))
        else:
            found = _find_present(spec, file)
            if found is None:
                raise ModelMissing(_how_to_get(spec))
            _check(file, sha256(found).hexdigest(), spec.sources[0].describe())
            self._keep(spec, file, found)
        self._checked.add(path)
        return path

    def _keep(self, spec: ModelSpec, file: ModelFile, content: bytes) -> None:
        with written_at_once(self.path(spec.name) / file.name) as partial:
            partial.write_bytes(content)


def _how_to_get(spec: ModelSpec) -> str:
    return (
        f"the model '{spec.name}', which {spec.purpose}, is not on this machine. "
        f"Run: earshot models pull {spec.name}"
    )


def _files_of_folder(spec: ModelSpec, folder: Path) -> tuple[ModelFile, ...]:
    """What lies in a folder of the operator's own, unchecked: they know what they put there."""
    assert spec.layout is not None
    entries = folder.iterdir() if folder.is_dir() else ()
    there = {path.name for path in entries if path.is_file()}
    names = spec.layout.select(there, str(folder))
    return tuple(ModelFile(name, "", (folder / name).stat().st_size) for name in names)


def _find_present(spec: ModelSpec, file: ModelFile) -> bytes | None:
    for source in spec.sources:
        found = source.find_present(file)
        if found is not None:
            return found
    return None


def _digest_of(path: Path) -> str:
    """The SHA-256 of a file that may be larger than memory."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _digest_beside(path: Path) -> Path:
    return path.with_name(f"{path.name}{_DIGEST_SUFFIX}")


def _is_as_built(path: Path) -> bool:
    """Whether a derived file is there and whole; those of earlier releases say nothing of that."""
    if not path.is_file():
        return False
    stated = _digest_beside(path)
    return not stated.is_file() or stated.read_text(errors="replace") == _digest_of(path)


def _delete_earlier_versions(path: Path) -> None:
    """Delete what earlier releases derived in place of this file; one that is in use may stay."""
    current = _VERSIONED.fullmatch(path.name)
    if current is None or not path.parent.is_dir():
        return
    for other in path.parent.iterdir():
        found = _VERSIONED.fullmatch(other.name.removesuffix(_DIGEST_SUFFIX))
        if found is None or found["stem"] != current["stem"] or found["end"] != current["end"]:
            continue
        if int(found["version"]) < int(current["version"]):
            with suppress(PermissionError, FileNotFoundError):
                other.unlink()


def _is_sound(file: ModelFile, content: bytes) -> bool:
    return sha256(content).hexdigest() == file.sha256


def _check(file: ModelFile, digest: str, origin: str) -> None:
    if digest != file.sha256:
        raise ModelCorrupt(
            f"{origin}: {file.name} does not have its published checksum. {PULL_AGAIN}"
        )
