"""The media store: bytes by key, in a local folder or in a cloud bucket."""

import errno
import re
import shutil
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, ObjectStore, from_url

from earshot.errors import SettingsInvalid, StorageFull, UploadTooLarge

if TYPE_CHECKING:
    from obstore import GetOptions  # it is there for type checkers alone

# What one upload holds in memory: two parts of 5 MiB, the smallest part that S3 takes.
_PART_BYTES = 5 * 2**20
_PARTS_IN_FLIGHT = 2
_READ_BYTES = 2**20
# A file whose bytes are still arriving is named KEY#NUMBER; the store lists none of these.
_PARTIAL = "#"
_BUCKET_SCHEMES = ("s3", "s3a", "gs", "az", "adl", "azure", "abfs", "abfss", "http", "https")
# A folder into which somebody still writes may fill up again while it is being deleted.
_DELETE_ATTEMPTS = 5
# Keys are made by us from ids and fixed names; anything else is a bug or an attack on paths.
_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


@dataclass(frozen=True, slots=True)
class StoredMedia:
    """How much there is of a key; `version` is another one after it was written again."""

    n_bytes: int
    version: str | None


def is_disk_full(error: Exception) -> bool:
    """Whether it says that a disk is full, or somebody's share of it."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    # The store has no error class of its own for a full disk, only the system's text.
    return "os error 28" in str(error) or "No space left" in str(error)


class MediaStore:
    """Media by key; a key is there with all of its bytes or not at all.

    Missing keys raise FileNotFoundError, except where said otherwise.
    """

    def __init__(self, store: ObjectStore, folder: Path | None = None) -> None:
        """`folder` is where the store's files lie, if they are files of this machine."""
        self._store = store
        self._folder = folder

    def put(self, key: str, chunks: Iterable[bytes]) -> int:
        """Store the chunks, in bounded memory, and return their size in bytes."""
        counted = _Count()
        with _map_full():
            obstore.put(
                self._store,
                _checked(key),
                counted.through(chunks),
                chunk_size=_PART_BYTES,
                max_concurrency=_PARTS_IN_FLIGHT,
                use_multipart=True,
            )
        return counted.n_bytes

    async def put_stream(self, key: str, chunks: AsyncIterable[bytes], max_bytes: int) -> int:
        """Store the chunks as they arrive and return their size; over the limit nothing is kept."""
        counted = _Count(max_bytes)
        with _map_full():
            await obstore.put_async(
                self._store,
                _checked(key),
                counted.through_async(chunks),
                chunk_size=_PART_BYTES,
                max_concurrency=_PARTS_IN_FLIGHT,
                use_multipart=True,
            )
        return counted.n_bytes

    def get(self, key: str) -> bytes:
        return bytes(obstore.get(self._store, _checked(key)).bytes())

    def find(self, key: str) -> StoredMedia:
        """What is known of the key's bytes without reading them."""
        found = obstore.head(self._store, _checked(key))
        return StoredMedia(found["size"], found["e_tag"])

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` to before `end`, at least one, in bounded memory."""
        options: GetOptions = {}
        if end is not None:
            options = {"range": (start, end)}
        elif start:
            options = {"range": {"offset": start}}
        found = obstore.get(self._store, _checked(key), options=options)
        return (bytes(chunk) for chunk in found.stream(_READ_BYTES))

    def size(self, key: str) -> int:
        return obstore.head(self._store, _checked(key))["size"]

    def exists(self, key: str) -> bool:
        try:
            self.size(key)
        except FileNotFoundError:
            return False
        return True

    def delete(self, key: str) -> None:
        """Delete the key and what a killed process left of it; nothing there is no error."""
        with suppress(FileNotFoundError):
            obstore.delete(self._store, _checked(key))
        if self._folder is not None:
            path = self._folder / key
            for partial in path.parent.glob(f"{path.name}{_PARTIAL}*"):
                partial.unlink(missing_ok=True)

    def delete_prefix(self, prefix: str) -> None:
        """Delete everything under `prefix/`, also what a killed process left there half written."""
        if self._folder is not None:
            _delete_folder(self._folder / _checked(prefix))
            return
        for batch in obstore.list(self._store, prefix=_checked(prefix)):
            for entry in batch:
                self.delete(entry["path"])

    def keys_older_than(self, prefix: str, moment: datetime) -> set[str]:
        """The keys under `prefix/` that nobody has written to since, half-written ones too.

        Those, a bucket does not show; there they are for a rule of the bucket to delete.
        """
        if self._folder is not None:
            return self._old_files(self._folder / _checked(prefix), moment)
        return {
            entry["path"]
            for batch in obstore.list(self._store, prefix=_checked(prefix))
            for entry in batch
            if entry["last_modified"] < moment
        }

    def _old_files(self, folder: Path, moment: datetime) -> set[str]:
        old: set[str] = set()
        fresh: set[str] = set()
        for path in folder.rglob("*"):
            with suppress(FileNotFoundError):  # finished or deleted meanwhile
                if path.is_file():
                    is_old = path.stat().st_mtime < moment.timestamp()
                    key = path.relative_to(self._folder or folder).as_posix()
                    (old if is_old else fresh).add(key.partition(_PARTIAL)[0])
        return {key for key in old - fresh if _KEY.fullmatch(key)}

    def children(self, prefix: str) -> list[str]:
        """The names right under `prefix/` that have keys below them."""
        listed = obstore.list_with_delimiter(self._store, prefix=_checked(prefix))
        return [path.rsplit("/", 1)[-1] for path in listed["common_prefixes"]]

    @contextmanager
    def scratch(self, prefix: str) -> Iterator[Path]:
        """A folder for files of the moment, which are gone after the block.

        It is on the disk that has the media, if that is one of this machine; what a killed process
        leaves in it goes with the prefix then.
        """
        parent = None if self._folder is None else self._folder / _checked(prefix)
        if parent is not None:
            parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="earshot-", dir=parent) as folder:
            yield Path(folder)

    @contextmanager
    def local_file(self, key: str) -> Iterator[Path]:
        """A file with the key's bytes, to be read inside the block; a copy only if in the cloud."""
        if self._folder is not None:
            path = self._folder / _checked(key)
            if not path.is_file():
                raise FileNotFoundError(key)
            yield path
            return
        with tempfile.TemporaryDirectory(prefix="earshot-") as folder:
            path = Path(folder) / "media"
            with path.open("wb") as copy:
                for chunk in obstore.get(self._store, _checked(key)).stream(_READ_BYTES):
                    copy.write(chunk)
            yield path


def open_media_store(url_or_path: str) -> MediaStore:
    """The store in a folder, or at an `s3://`, `gs://`, `az://`, `file://` or `memory://` URL.

    Cloud credentials come from the environment, as the providers' own tools read them.
    """
    if "://" not in url_or_path:
        return _open_folder(Path(url_or_path))
    if url_or_path.startswith("file://"):
        return _open_folder(Path(url_or_path.removeprefix("file://")))
    if url_or_path.startswith("memory://"):
        return MediaStore(MemoryStore())
    scheme, _, place = url_or_path.partition("://")
    if scheme.lower() not in _BUCKET_SCHEMES or not place.strip("/"):
        raise SettingsInvalid(
            "EARSHOT_MEDIA_URL must be a folder, or a URL that begins with s3://, gs://, az://, "
            "file:// or memory:// and names a place"
        )
    try:
        return MediaStore(from_url(url_or_path))
    except (BaseError, ValueError) as error:
        # Behind the first line, the store prints its own structures.
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise SettingsInvalid(f"EARSHOT_MEDIA_URL cannot be used: {reason}") from None


def _open_folder(folder: Path) -> MediaStore:
    resolved = folder.expanduser().resolve()
    return MediaStore(LocalStore(resolved, mkdir=True, automatic_cleanup=True), resolved)


def _delete_folder(folder: Path) -> None:
    for attempt in range(1, _DELETE_ATTEMPTS + 1):
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            if not folder.exists():
                return
        except OSError:
            if attempt == _DELETE_ATTEMPTS:
                raise
        else:
            return


def _checked(key: str) -> str:
    if _KEY.fullmatch(key) is None:
        raise ValueError(f"not a media key: {key!r}")
    return key


class _Count:
    """Counts bytes on their way through and stops them at a limit."""

    def __init__(self, max_bytes: int | None = None) -> None:
        self.n_bytes = 0
        self._max_bytes = max_bytes

    def through(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._add(chunk)
            yield chunk

    async def through_async(self, chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            self._add(chunk)
            yield chunk

    def _add(self, chunk: bytes) -> None:
        self.n_bytes += len(chunk)
        if self._max_bytes is not None and self.n_bytes > self._max_bytes:
            raise UploadTooLarge(self._max_bytes)


@contextmanager
def _map_full() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        if is_disk_full(error):
            raise StorageFull from error
        raise
