"""A folder of recordings, and what is said in them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from earshot.errors import RecordingsNotFound

MANIFEST = "manifest.jsonl"
# The containers and codecs that the compatible API names, as files are called.
_SUFFIXES = """
    3ga 8svx aac ac3 aif aiff alac amr ape au dss flac flv m4a m4b m4p m4r mp3 mpga ogg oga mogg
    opus qcp tta voc wav wma wv webm mts m2ts ts mov mp2 mp4 m4v mxf mkv
"""
AUDIO_SUFFIXES = frozenset(f".{suffix}" for suffix in _SUFFIXES.split())


@dataclass(frozen=True, slots=True)
class LabelledRecording:
    """A recording; `reference` is what is said in it, None where nobody wrote it down."""

    name: str  # as the report shows it: the path inside the folder
    path: Path
    reference: str | None


def read_recordings(folder: Path) -> list[LabelledRecording]:
    """The recordings of a folder, by name.

    Either `manifest.jsonl` lists them, a row `{"path": ..., "text": ...}` each, or they lie in the
    folder and those below it, each beside a text file of the same name that holds its words.
    Raises RecordingsNotFound where there are none, or a row or a text cannot be used.
    """
    if not folder.is_dir():
        raise RecordingsNotFound(f"{folder} is not a folder")
    manifest = folder / MANIFEST
    found = _listed(folder, manifest) if manifest.is_file() else _lying_about(folder)
    if not found:
        raise RecordingsNotFound(
            f"{folder} holds no recordings: put audio files there, each with its words in a text "
            f"file of the same name (talk.mp3, talk.txt), or a {MANIFEST}"
        )
    return sorted(found, key=lambda recording: recording.name)


def _listed(folder: Path, manifest: Path) -> list[LabelledRecording]:
    recordings = []
    for number, line in enumerate(_read_text(manifest).split("\n"), 1):
        if line.strip():
            try:
                recordings.append(_recording_of(folder, json.loads(line)))
            except (ValueError, KeyError, TypeError) as error:
                raise RecordingsNotFound(
                    f'line {number} of {manifest} must be {{"path": "...", "text": "..."}}, with '
                    "the path of a file in that folder"
                ) from error
    return recordings


def _recording_of(folder: Path, row: dict[str, Any]) -> LabelledRecording:
    path, text = folder / row["path"], row.get("text")
    if not path.is_file() or not isinstance(text, str | None):
        raise ValueError(row["path"])
    return LabelledRecording(row["path"], path, text)


def _lying_about(folder: Path) -> list[LabelledRecording]:
    return [
        LabelledRecording(str(path.relative_to(folder)), path, _words_beside(path))
        for path in folder.rglob("*")
        if path.suffix.lower() in AUDIO_SUFFIXES and path.is_file()
    ]


def _words_beside(path: Path) -> str | None:
    beside = path.with_suffix(".txt")
    return _read_text(beside) if beside.is_file() else None


def _read_text(path: Path) -> str:
    """The file's text, without the mark that Windows puts in front of it."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecordingsNotFound(
            f"{path} is not in UTF-8, from byte {error.start} on: save it in that encoding"
        ) from error
    except OSError as error:
        raise RecordingsNotFound(f"{path} cannot be read: {error.strerror}") from error
