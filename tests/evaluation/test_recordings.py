import json
from pathlib import Path

import pytest

from earshot.errors import RecordingsNotFound
from earshot.evaluation.recordings import LabelledRecording, read_recordings


def put(path: Path, content: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def test_a_recording_s_words_lie_beside_it_in_a_text_file(tmp_path: Path) -> None:
    talk = put(tmp_path / "b" / "talk.MP3")
    put(tmp_path / "b" / "talk.txt", "Grüezi mitenand")
    bare = put(tmp_path / "a.wav")
    put(tmp_path / "notes.pdf")
    assert read_recordings(tmp_path) == [
        LabelledRecording("a.wav", bare, None),
        LabelledRecording("b/talk.MP3", talk, "Grüezi mitenand"),
    ]


def test_a_manifest_alone_decides_what_is_measured(tmp_path: Path) -> None:
    talk = put(tmp_path / "talk.bin")
    put(tmp_path / "other.wav")
    row = {"path": "talk.bin", "text": "hello", "licence": "MIT"}
    put(tmp_path / "manifest.jsonl", f"{json.dumps(row)}\n\n")
    assert read_recordings(tmp_path) == [LabelledRecording("talk.bin", talk, "hello")]


@pytest.mark.parametrize(
    "line", ["not json", "[]", '{"text": "no path"}', '{"path": "gone.wav"}', '{"path": 3}']
)
def test_a_row_that_cannot_be_used_is_named_by_its_line(tmp_path: Path, line: str) -> None:
    put(tmp_path / "manifest.jsonl", f"\n{line}\n")
    with pytest.raises(RecordingsNotFound, match=r"line 2 of .*manifest\.jsonl must be"):
        read_recordings(tmp_path)


def test_a_text_that_is_no_text_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "a.wav")
    put(tmp_path / "manifest.jsonl", '{"path": "a.wav", "text": 3}')
    with pytest.raises(RecordingsNotFound, match="line 1"):
        read_recordings(tmp_path)


def test_an_empty_folder_and_no_folder_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RecordingsNotFound, match="put audio files there"):
        read_recordings(tmp_path)
    with pytest.raises(RecordingsNotFound, match="is not a folder"):
        read_recordings(tmp_path / "none")
