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


@pytest.mark.parametrize("name", ["talk.txt", "manifest.jsonl"])
def test_a_text_in_another_encoding_is_named(tmp_path: Path, name: str) -> None:
    put(tmp_path / "talk.wav")
    (tmp_path / name).write_bytes(b"caf\xe9")
    with pytest.raises(RecordingsNotFound, match=rf"{name} is not in UTF-8, from byte 3 on"):
        read_recordings(tmp_path)


def test_the_mark_that_windows_puts_before_a_text_is_no_part_of_its_words(tmp_path: Path) -> None:
    put(tmp_path / "talk.wav")
    (tmp_path / "talk.txt").write_bytes(b"\xef\xbb\xbfHello")
    assert [recording.reference for recording in read_recordings(tmp_path)] == ["Hello"]


def test_a_row_may_hold_characters_that_end_lines_elsewhere(tmp_path: Path) -> None:
    put(tmp_path / "talk.wav")
    put(tmp_path / "manifest.jsonl", '{"path": "talk.wav", "text": "one\u2028two"}\r\n')
    assert [recording.reference for recording in read_recordings(tmp_path)] == ["one\u2028two"]


def test_an_empty_folder_and_no_folder_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RecordingsNotFound, match="put audio files there"):
        read_recordings(tmp_path)
    with pytest.raises(RecordingsNotFound, match="is not a folder"):
        read_recordings(tmp_path / "none")
