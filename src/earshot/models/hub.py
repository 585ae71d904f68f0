"""Models from the Hugging Face hub, or a mirror of it: which files there are, and what is in them.

The checksums are the hub's own: SHA-256 of large files (Git LFS), the Git object id of small ones.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha1, sha256
from typing import Any
from urllib.parse import quote

from typing_extensions import override

from earshot.errors import DownloadFailed, EarshotError, ModelCorrupt, ModelMissing, NoAnswer
from earshot.models.sources import Download

# A listing has some hundred bytes a file, and a repository of a model some ten files.
MAX_LISTING_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class HubRepository:
    """A repository on the hub; `revision` is a branch, a tag or a commit."""

    name: str
    revision: str = "main"

    @override
    def __str__(self) -> str:
        return f"{self.name}@{self.revision}"


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file at one commit. It has the SHA-256 of its content, or the id of its Git object."""

    name: str
    n_bytes: int
    sha256: str | None
    git_id: str


@dataclass(frozen=True, slots=True)
class HubListing:
    """The files of a repository at the commit that its revision stood for."""

    repository: HubRepository
    commit: str
    files: tuple[HubFile, ...]


@dataclass(frozen=True, slots=True)
class Hub:
    """The hub at `url`, reached through `download`."""

    url: str
    download: Download

    def list_files(self, repository: HubRepository) -> HubListing:
        """What the repository holds; raises ModelMissing where the hub does not say."""
        revision = quote(repository.revision, safe="")
        api = f"{self.url}/api/models/{repository.name}"
        commit = self._read_json(f"{api}/revision/{revision}")
        if not isinstance(commit, dict) or not isinstance(commit.get("sha"), str):
            raise ModelMissing(f"{self.url} does not answer as the hub does")
        entries = self._read_json(f"{api}/tree/{commit['sha']}")
        try:
            files = tuple(_file(entry) for entry in entries if entry["type"] == "file")
        except (KeyError, TypeError, ValueError) as error:
            raise ModelMissing(f"{self.url} does not answer as the hub does") from error
        return HubListing(repository, commit["sha"], files)

    def fetch(self, listing: HubListing, file: HubFile) -> Iterator[bytes]:
        """The content, piece by piece; ModelCorrupt as soon as it is not what the hub listed."""
        url = f"{self.url}/{listing.repository.name}/resolve/{listing.commit}/{quote(file.name)}"
        digest = ContentDigest(file.n_bytes)
        for piece in self._download(url):
            digest.update(piece)
            if digest.n_bytes > file.n_bytes:
                break
            yield piece
        if not digest.is_of(file):
            raise ModelCorrupt(
                f"{url}: what came does not have the checksum that the hub states. Pull it again."
            )

    def _read_json(self, url: str) -> Any:  # noqa: ANN401 - whatever the other side sends
        content = b""
        for piece in self._download(url):
            content += piece
            if len(content) > MAX_LISTING_BYTES:
                raise ModelMissing(f"{self.url} does not answer as the hub does")
        try:
            return json.loads(content)
        except ValueError as error:
            raise ModelMissing(f"{self.url} does not answer as the hub does") from error

    def _download(self, url: str) -> Iterator[bytes]:
        try:
            yield from self.download(url)
        except NoAnswer as error:
            raise ModelMissing(
                f"the hub at {self.url} cannot be reached from this machine, or broke off. On a "
                "machine without a network, copy the files of the model here and run: "
                "earshot models pull NAME --from FOLDER"
            ) from error
        except DownloadFailed as error:
            raise ModelMissing(str(error)) from error
        except EarshotError as error:
            raise ModelMissing(f"{url}: {error}") from error


class ContentDigest:
    """Both checksums of a content whose size is known, computed as it passes by."""

    def __init__(self, n_bytes: int) -> None:
        self.n_bytes = 0
        self._sha256 = sha256()
        # Git's name for a content: with its kind and size before it.
        self._git = sha1(b"blob %d\0" % n_bytes, usedforsecurity=False)

    def update(self, piece: bytes) -> None:
        self.n_bytes += len(piece)
        self._sha256.update(piece)
        self._git.update(piece)

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    def is_of(self, file: HubFile) -> bool:
        """Whether the content is the file's."""
        if self.n_bytes != file.n_bytes:
            return False
        if file.sha256 is not None:
            return self.sha256 == file.sha256
        return self._git.hexdigest() == file.git_id


def _file(entry: dict[str, Any]) -> HubFile:
    large = entry.get("lfs")
    return HubFile(
        name=str(entry["path"]),
        n_bytes=int(large["size"] if large else entry["size"]),
        sha256=str(large["oid"]) if large else None,
        git_id=str(entry["oid"]),
    )
