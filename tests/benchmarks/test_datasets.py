"""What is read from a manifest."""

import json
from pathlib import Path

from benchmarks.datasets import read_english_clips


def _row(path: str, text: str | None = "words", lang: str = "en", **more: object) -> str:
    return json.dumps({"path": path, "text": text, "lang": lang, "duration_s": 1.5, **more})


def _manifest(folder: Path, *rows: str) -> Path:
    (folder / "asr").mkdir()
    (folder / "asr" / "manifest.jsonl").write_text("\n".join(rows))
    return folder


def test_only_english_rows_with_a_text_are_read_and_keep_their_place(tmp_path: Path) -> None:
    data = _manifest(
        tmp_path,
        _row("asr/multiling/a.flac", lang="sv"),
        _row("asr/formats/b.mp3", text=None),
        _row("asr/vctk/c.flac", lang="en-GB"),
    )
    (clip,) = read_english_clips(data)
    assert (clip.row, clip.set_name) == (2, "vctk")
    assert clip.path == tmp_path / "asr/vctk/c.flac"


def test_texts_of_speakers_and_of_channels_may_come_in_any_order(tmp_path: Path) -> None:
    data = _manifest(
        tmp_path,
        _row("diar/ami/a.flac", speaker_texts={"A": "good morning", "B": "fine"}),
        _row("asr/stereo/b.wav", channel_texts=["left", "right"]),
        _row("asr/vctk/c.flac"),
    )
    references = [clip.speaker_references for clip in read_english_clips(data)]
    assert references == [("good morning", "fine"), ("left", "right"), ()]
