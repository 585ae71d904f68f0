"""Links that people share, turned into those that give the file: the page behind one is no audio.

Only the URL changes. What it leads to is connected to like any other, by the same policy.
"""

import re
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

_DRIVE_HOSTS = frozenset({"drive.google.com", "docs.google.com"})
_DRIVE_FILE = re.compile(r"(?:/a/[^/]+)?(?:/u/\d+)?/file/(?:u/\d+/)?d/([\w-]+)(?:/.*)?", re.ASCII)
_DRIVE_BY_QUERY = re.compile(r"(?:/a/[^/]+)?(?:/u/\d+)?/(?:open|uc)", re.ASCII)
_DRIVE_ID = re.compile(r"[\w-]+", re.ASCII)
# Where Drive itself sends those who click on "Download".
_DRIVE_FILE_HOST = "drive.usercontent.google.com"
_DRIVE_DOWNLOAD = f"https://{_DRIVE_FILE_HOST}/download"
_DRIVE_FILE_PATHS = frozenset({"/download", "/uc"})

_DROPBOX_HOSTS = frozenset({"www.dropbox.com", "dropbox.com"})
# One file; `/sh/` and `/scl/fo/` are folders, which Dropbox would give as an archive.
_DROPBOX_FILE = re.compile(r"/(?:s|scl/fi)/.+")


def direct_url(url: str) -> str:
    """What the URL has to be to give the file: another for a share link, else itself."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        # An `@` is a user's name before the host, and after it any letter of a file's name.
        is_web = parts.scheme in ("http", "https")
        is_plain = is_web and parts.port is None and "@" not in parts.netloc
    except ValueError:
        return url
    if not is_plain:
        return url
    if host in _DRIVE_HOSTS or host == _DRIVE_FILE_HOST:
        return _of_drive(parts) or url
    if host in _DROPBOX_HOSTS and _DROPBOX_FILE.fullmatch(parts.path):
        return _of_dropbox(parts)
    return url


def _of_drive(parts: SplitResult) -> str | None:
    query = dict(parse_qsl(parts.query))
    by_path = _DRIVE_FILE.fullmatch(parts.path)
    if by_path is not None:
        file_id = by_path[1]
    elif _is_drive_download(parts):
        file_id = query.get("id", "")
    else:
        return None
    if not _DRIVE_ID.fullmatch(file_id):
        return None
    # Without `confirm`, files of over 100 MB come as a page that says they were not scanned.
    asked = {"id": file_id, "export": "download", "confirm": "t"}
    if "resourcekey" in query:  # older links are opened by it
        asked["resourcekey"] = query["resourcekey"]
    return f"{_DRIVE_DOWNLOAD}?{urlencode(asked)}"


def _is_drive_download(parts: SplitResult) -> bool:
    """Whether the file is named in the query, and nothing there has it given already."""
    if parts.hostname == _DRIVE_FILE_HOST:
        return parts.path in _DRIVE_FILE_PATHS and "confirm=" not in parts.query
    return _DRIVE_BY_QUERY.fullmatch(parts.path) is not None


def _of_dropbox(parts: SplitResult) -> str:
    """The same link with `dl=1`, which is what makes it give the file; `raw=1` does so too."""
    query = parse_qsl(parts.query, keep_blank_values=True)
    if ("raw", "1") in query:
        return urlunsplit(parts)
    kept = [(name, value) for name, value in query if name != "dl"]
    return urlunsplit(parts._replace(query=urlencode([*kept, ("dl", "1")]), fragment=""))
