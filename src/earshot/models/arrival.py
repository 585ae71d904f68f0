"""How a model whose files are not known beforehand comes into the store: whole, or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from earshot.errors import ModelCorrupt, ModelMissing
from earshot.models.hub import ContentDigest, Hub, HubFile, HubRepository
from earshot.models.layout import Layout
from earshot.models.manifest import MANIFEST_NAME, Manifest, read_manifest
from earshot.models.sources import Advance, ModelFile, Report

# One user may pull models and another serve with them; temporary files are their maker's only.
MODEL_FILE_MODE = 0o644
COPY_BYTES = 2**20


def pull_model(
    hub: Hub,
    repository: HubRepository,
    folder: Path,
    layout: Layout,
    report: Report,
    advance: Advance,
) -> Manifest:
    """The model from the hub, in `folder`; what an earlier pull left whole is not fetched again.

    The manifest is written last: without it, what lies there is no model.
    """
    listing = hub.list_files(repository)
    by_name = {file.name: file for file in listing.files}
    wanted = [by_name[name] for name in layout.select(by_name, f"{repository} on {hub.url}")]
    absent = [file for file in wanted if not _is_there(folder / file.name, file)]
    _require_room(folder, sum(file.n_bytes for file in absent))
    origin = f"{hub.url}/{repository.name} at {listing.commit}"
    kept = [_kept(folder, file) for file in wanted if file not in absent]
    for file in absent:
        report(f"{repository}: {file.name} ({file.n_bytes / 1e6:.1f} MB)")
        pieces = _watched(hub.fetch(listing, file), file.name, file.n_bytes, advance)
        kept.append(_write(folder / file.name, pieces, file.n_bytes))
    return _write_manifest(folder, Manifest(origin, tuple(kept)))


def copy_model(
    source: Path, folder: Path, layout: Layout, report: Report, advance: Advance
) -> Manifest:
    """The model from a folder of this machine, checked if that folder has a manifest of ours.

    Files that lie in the store's own folder already stay as they are.
    """
    if not source.is_dir():
        raise ModelMissing(f"{source} is not a folder")
    there = {path.name for path in source.iterdir() if path.is_file()}
    names = layout.select(there, f"the folder {source}")
    stated = read_manifest(source)
    known = {file.name: file.sha256 for file in stated.files} if stated else {}
    _require_room(folder, sum((source / name).stat().st_size for name in names))
    kept = []
    for name in names:
        path = source / name
        n_bytes = path.stat().st_size
        report(f"{source}: {name} ({n_bytes / 1e6:.1f} MB)")
        pieces = _watched(_read(path), name, n_bytes, advance)
        file = _write(folder / name, pieces, n_bytes, known.get(name))
        kept.append(file)
    origin = stated.origin if stated else f"folder {source.resolve()}"
    return _write_manifest(folder, Manifest(origin, tuple(kept)))


@contextmanager
def written_at_once(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place when the block ends without an error.

    Raises ModelCorrupt where a folder lies in the place of a file, or the other way round.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise ModelCorrupt(f"{error.filename} is no folder, as it must be. Remove it.") from error
    if path.is_dir():
        raise ModelCorrupt(f"{path} is a folder, and must be a file. Remove it.")
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(descriptor)
    partial = Path(name)
    try:
        yield partial
        partial.chmod(MODEL_FILE_MODE)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _write(
    path: Path, pieces: Iterable[bytes], n_bytes: int, known_sha256: str | None = None
) -> ModelFile:
    """The file as it was written, with the checksum that it has, and must have if one is known."""
    digest = ContentDigest(n_bytes)
    with written_at_once(path) as partial, partial.open("wb") as file:
        for piece in pieces:
            digest.update(piece)
            file.write(piece)
        if known_sha256 not in (None, digest.sha256):
            raise ModelCorrupt(f"{path.name} does not have the checksum of its manifest")
    return ModelFile(path.name, digest.sha256, digest.n_bytes)


def _write_manifest(folder: Path, manifest: Manifest) -> Manifest:
    with written_at_once(folder / MANIFEST_NAME) as partial:
        partial.write_text(manifest.to_json(), encoding="utf-8")
    return manifest


def _is_there(path: Path, file: HubFile) -> bool:
    """Whether an earlier pull, which broke off later, left this file whole."""
    if not path.is_file() or path.stat().st_size != file.n_bytes:
        return False
    return _digest(path).is_of(file)


def _kept(folder: Path, file: HubFile) -> ModelFile:
    return ModelFile(file.name, _digest(folder / file.name).sha256, file.n_bytes)


def _digest(path: Path) -> ContentDigest:
    digest = ContentDigest(path.stat().st_size)
    for piece in _read(path):
        digest.update(piece)
    return digest


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(COPY_BYTES):
            yield piece


def _watched(pieces: Iterable[bytes], name: str, n_bytes: int, advance: Advance) -> Iterator[bytes]:
    n_done = 0
    for piece in pieces:
        n_done += len(piece)
        advance(name, n_done, n_bytes)
        yield piece


def _require_room(folder: Path, n_bytes: int) -> None:
    """ModelMissing where the disk has no room: better before the download than after it."""
    folder.mkdir(parents=True, exist_ok=True)
    n_free = shutil.disk_usage(folder).free
    if n_free < n_bytes:
        raise ModelMissing(
            f"{folder} has room for {n_free / 1e6:.0f} MB; the model takes {n_bytes / 1e6:.0f} MB"
        )
