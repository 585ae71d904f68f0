"""The model store: one folder with a checked copy of every model file that is in use."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from earshot.errors import ModelCorrupt, ModelMissing
from earshot.models.catalog import CATALOG, ModelSpec
from earshot.models.sources import Download, ModelFile, Report, Source

# One user may pull models and another serve with them; temporary files are their maker's only.
MODEL_FILE_MODE = 0o644


@dataclass(frozen=True, slots=True)
class ModelState:
    """What the store knows of one model; `n_bytes` is what its files take on disk."""

    spec: ModelSpec
    is_present: bool
    n_bytes: int


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
        return self.folder / self.spec(name).name

    def states(self) -> Iterator[ModelState]:
        for spec in self.specs():
            paths = [self.path(spec.name) / file.name for file in spec.files]
            n_bytes = sum(path.stat().st_size for path in paths if path.is_file())
            yield ModelState(spec, self.is_present(spec.name), n_bytes)

    def is_present(self, name: str) -> bool:
        """Whether every file of the model can be had without a download."""
        spec = self.spec(name)
        return all(
            (self.path(name) / file.name).is_file() or _find_present(spec, file) is not None
            for file in spec.files
        )

    def files(self, name: str) -> dict[str, Path]:
        """File name -> checked path; raises ModelMissing or ModelCorrupt, and never downloads."""
        spec = self.spec(name)
        return {file.name: self._checked_file(spec, file) for file in spec.files}

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
            _check(file, found, source.describe())
            self._keep(owners[file], file, found)

    def remove(self, name: str) -> bool:
        """Delete the model's folder, derived files included; False when there was none."""
        folder = self.path(name)
        if not folder.is_dir():
            return False
        shutil.rmtree(folder)
        self._checked = {path for path in self._checked if folder not in path.parents}
        return True

    def derived(self, name: str, file_name: str, build: Callable[[Path], None]) -> Path:
        """A file built once from the model's own files; `build` writes it to the path it gets."""
        path = self.path(name) / "derived" / file_name
        if not path.is_file():
            with _written_at_once(path) as partial:
                build(partial)
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
        if path in self._checked:
            return path
        if path.is_file():
            _check(file, path.read_bytes(), str(path))
        else:
            found = _find_present(spec, file)
            if found is None:
                raise ModelMissing(
                    f"the model '{spec.name}', which {spec.purpose}, is not on this machine. "
                    f"Run: earshot models pull {spec.name}"
                )
            _check(file, found, spec.sources[0].describe())
            self._keep(spec, file, found)
        self._checked.add(path)
        return path

    def _keep(self, spec: ModelSpec, file: ModelFile, content: bytes) -> None:
        with _written_at_once(self.path(spec.name) / file.name) as partial:
            partial.write_bytes(content)


def _find_present(spec: ModelSpec, file: ModelFile) -> bytes | None:
    for source in spec.sources:
        found = source.find_present(file)
        if found is not None:
            return found
    return None


def _is_sound(file: ModelFile, content: bytes) -> bool:
    return sha256(content).hexdigest() == file.sha256


def _check(file: ModelFile, content: bytes, origin: str) -> None:
    if not _is_sound(file, content):
        raise ModelCorrupt(
            f"{origin}: {file.name} does not have its published checksum. "
            "Remove it (`earshot models rm`) and pull it again."
        )


@contextmanager
def _written_at_once(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place when the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(descriptor)
    partial = Path(name)
    try:
        yield partial
        partial.chmod(MODEL_FILE_MODE)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
