import json
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from earshot.audio.waveform import SAMPLE_RATE, Samples
from earshot.understanding.catalog import ENCODER
from tests.confidential import assert_discreet
from tests.processes import PATIENCE_S, Installation, until, write_wav
from tests.receiver import Receiver

pytestmark = pytest.mark.slow
OPENING = "it was the best of times"


def said(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_recording_s_words_go_to_stdout_and_nothing_else_does(
    earshot: Installation, speech: Path
) -> None:
    done = earshot.run("transcribe", str(speech))
    assert said(done).lower().startswith(OPENING)
    assert done.stderr == ""
    assert not earshot.data.exists()


def test_standard_input_is_read(earshot: Installation, speech: Path) -> None:
    with speech.open("rb") as media:
        done = earshot.run("transcribe", "-", stdin=media)
    assert said(done).lower().startswith(OPENING)


def test_a_language_may_be_found_out(earshot: Installation, speech: Path) -> None:
    done = earshot.run("transcribe", str(speech), "--language", "auto")
    assert said(done).lower().startswith(OPENING)


def test_speakers_are_named_at_the_head_of_their_paragraphs(
    earshot: Installation, tmp_path: Path, two_cities: Samples, another_reader: Samples
) -> None:
    meeting = write_wav(
        tmp_path / "meeting.wav", np.concatenate([two_cities[: 12 * SAMPLE_RATE], another_reader])
    )
    done = earshot.run("transcribe", str(meeting), "--speakers-expected", "2")
    first, *_, last = [line for line in said(done).splitlines() if line]
    assert first.lower().startswith(f"speaker a: {OPENING}")
    assert last.startswith("Speaker B: ")
    markdown = said(earshot.run("transcribe", str(meeting), "--speakers", "--format", "md"))
    assert "**Speaker A:** " in markdown
    alone = said(earshot.run("transcribe", str(meeting), "--max-speakers", "1"))
    assert "Speaker B" not in alone


@pytest.mark.parametrize(
    "options",
    [
        ("--min-speakers", "3", "--max-speakers", "2"),
        ("--speakers-expected", "2", "--min-speakers", "1"),
        ("--speakers-expected", "0"),
    ],
)
def test_numbers_of_speakers_that_make_no_sense_are_wrong_options(
    earshot: Installation, speech: Path, options: tuple[str, ...]
) -> None:
    done = earshot.run("transcribe", str(speech), *options)
    assert done.returncode == 2
    assert "-speakers" in done.stderr
    assert done.stdout == ""


def test_a_language_that_no_model_knows_ends_with_3_and_what_to_do(
    earshot: Installation, speech: Path
) -> None:
    done = earshot.run("transcribe", str(speech), "--language", "bg")
    assert done.returncode == 3
    assert "earshot models pull whisper-small" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_copy_of_the_recording_does_not_outlive_the_command(
    earshot: Installation, tmp_path: Path, number: signal.Signals
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    command = [sys.executable, "-m", "earshot", "transcribe", "-"]
    environment = earshot.environment | {"TMPDIR": str(folder)}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        until(lambda: list(folder.rglob("recording")), "the copy is begun")
        process.send_signal(number)
        assert process.wait(PATIENCE_S) == 128 + number
        assert process.stderr is not None
        assert_discreet(process.stderr.read())
    assert list(folder.iterdir()) == []


def test_a_url_is_fetched(earshot: Installation, speech: Path) -> None:
    with closing(Receiver(speech.parent)) as web:
        done = earshot.run("transcribe", f"{web.url}/{speech.name}")
    assert said(done).lower().startswith(OPENING)


@pytest.mark.parametrize(
    ("suffix", "beginning"),
    [
        ("txt", "it was the best"),
        ("srt", "1\n00:00:0"),
        ("vtt", "webvtt\n\n00:0"),
        ("json", "{"),
        ("md", ""),
    ],
)
def test_the_name_of_the_output_decides_its_format(
    earshot: Installation, speech: Path, tmp_path: Path, suffix: str, beginning: str
) -> None:
    output = tmp_path / f"words.{suffix}"
    assert said(earshot.run("transcribe", str(speech), "--output", str(output))) == ""
    written = output.read_text().lower()
    assert written.startswith(beginning)
    assert "times" in written


def test_redacted_audio_is_written_beside_the_words_and_can_be_heard(
    earshot: Installation, tmp_path: Path, two_cities: Samples
) -> None:
    opening = write_wav(tmp_path / "opening.wav", two_cities[: 20 * SAMPLE_RATE])
    clean = tmp_path / "clean.mp3"
    done = earshot.run(
        *("transcribe", str(opening), "--redacted-audio", str(clean)),
        *("--redact", "duration", "--redact-with", "entity_name"),
    )
    assert OPENING in said(done).lower()
    assert OPENING in said(earshot.run("transcribe", str(clean))).lower()
    assert sorted(path.name for path in tmp_path.glob("*clean*")) == ["clean.mp3"]


def test_the_recording_itself_is_never_written_over(earshot: Installation, tmp_path: Path) -> None:
    recording = write_wav(tmp_path / "call.wav", np.zeros(2 * SAMPLE_RATE, dtype=np.float32))
    (tmp_path / "same.wav").symlink_to(recording)
    before = recording.read_bytes()
    for name in ("call.wav", "same.wav"):
        options = ("--redact", "date", "--redacted-audio", str(tmp_path / name))
        done = earshot.run("transcribe", str(recording), *options)
        assert done.returncode == 2
        assert "that would overwrite the recording" in done.stderr
    done = earshot.run("transcribe", str(recording), "-o", str(recording), "--format", "json")
    assert done.returncode == 2
    assert recording.read_bytes() == before


def test_json_holds_every_word_with_its_time(earshot: Installation, speech: Path) -> None:
    document = json.loads(said(earshot.run("transcribe", str(speech), "--format", "json")))
    words = document["words"]
    assert " ".join(word["text"] for word in words).lower().startswith(OPENING)
    assert all(word["end"] > word["start"] >= 0 for word in words)


@pytest.mark.parametrize("content", [b"", b"Dear diary", b"<!DOCTYPE html><html></html>"])
def test_what_is_no_recording_ends_with_3_and_one_line(
    earshot: Installation, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "recording"
    path.write_bytes(content)
    done = earshot.run("transcribe", str(path))
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.startswith("earshot: ")
    assert len(done.stderr.splitlines()) == 1


def test_subtitles_of_silence_end_with_3(earshot: Installation, tmp_path: Path) -> None:
    path = write_wav(tmp_path / "silence.wav", np.zeros(2 * SAMPLE_RATE, dtype=np.float32))
    assert said(earshot.run("transcribe", str(path))).strip() == ""
    done = earshot.run("transcribe", str(path), "--format", "srt")
    assert done.returncode == 3
    assert done.stderr.endswith("earshot: Transcript text is empty\n")


@pytest.mark.parametrize(
    "arguments", [["/no/such/recording.wav"], [], ["a.wav", "--format", "docx"]]
)
def test_a_wrong_command_line_ends_with_2(earshot: Installation, arguments: list[str]) -> None:
    done = earshot.run("transcribe", *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_model_that_is_not_there_ends_with_4_and_the_remedy(
    earshot: Installation, speech: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "models" / "moonshine" / "encoder_model.ort"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"not a model")
    environment = earshot.environment | {"EARSHOT_MODELS": str(tmp_path / "models")}
    done = earshot.run("transcribe", str(speech), env=environment)
    assert done.returncode == 4
    assert "pull it again" in done.stderr


def test_terms_are_listened_for_and_written_as_given(earshot: Installation, speech: Path) -> None:
    done = earshot.run("transcribe", str(speech), "--keyterm", "TIMES", "--keyterm", "Zarathustra")
    assert said(done).startswith("It was the best of TIMES")


def test_a_model_that_cannot_transcribe_is_said_to_be_passed_over(
    earshot: Installation, speech: Path
) -> None:
    done = earshot.run("transcribe", str(speech), "--model", "whisper-small")
    assert said(done).lower().startswith(OPENING)
    assert done.stderr == (
        "earshot: --model 'whisper-small' is passed over: it is not installed. "
        "Run: earshot models pull whisper-small\n"
    )


@pytest.mark.parametrize(
    ("option", "value"), [("--language", "xx"), ("--keyterm", "one two three four five six seven")]
)
def test_what_the_api_refuses_is_a_wrong_option(
    earshot: Installation, speech: Path, option: str, value: str
) -> None:
    done = earshot.run("transcribe", str(speech), option, value)
    assert (done.returncode, done.stdout) == (2, "")
    assert option in done.stderr


def test_why_something_could_not_be_found_out_is_told(
    earshot: Installation, speech: Path, tmp_path: Path
) -> None:
    (tmp_path / ENCODER).mkdir()
    for name in ("model.safetensors", "vocab.txt"):
        (tmp_path / ENCODER / name).write_bytes(b"damaged")
    environment = earshot.environment | {"EARSHOT_MODELS": str(tmp_path)}
    wanted = ("--find", "sentiment", "-f", "md")
    done = earshot.run("transcribe", str(speech), *wanted, env=environment)
    assert done.returncode == 0, done.stderr
    assert 'feature_failed feature="sentiment_analysis" reason="ModelCorrupt"' in done.stderr
    assert "does not have its published checksum" in done.stderr


def test_known_voices_have_their_names_and_without_any_it_says_so(
    earshot: Installation, tmp_path: Path, two_cities: Samples, beckett: Samples
) -> None:
    talk = write_wav(tmp_path / "talk.wav", two_cities[: 6 * SAMPLE_RATE])
    unknown = earshot.run("transcribe", str(talk), "--known-voices")
    assert unknown.returncode == 0
    assert unknown.stdout.startswith("Speaker A: It was the best of times")
    assert "no voice is enrolled" in unknown.stderr
    voice = write_wav(tmp_path / "voice.wav", beckett)  # the same reader
    assert earshot.run("speakers", "enroll", "Maria", str(voice)).returncode == 0
    named = earshot.run("transcribe", str(talk), "--known-voices")
    assert named.stdout.startswith("Speaker A (Maria): It was the best of times")
    assert named.stderr == ""
    elsewhere = earshot.run("transcribe", str(talk), "--known-voices", "--project", "nobody")
    assert (elsewhere.returncode, elsewhere.stdout) == (3, "")


def test_what_is_to_be_found_out_is_in_the_document(earshot: Installation, speech: Path) -> None:
    wanted = ("--find", "summary", "--find", "highlights", "--find", "entities")
    document = json.loads(said(earshot.run("transcribe", str(speech), *wanted, "-f", "json")))
    assert document["summary"].startswith("- ")
    assert document["auto_highlights_result"]["status"] == "success"
    assert document["methods"]["summarization"] == "extractive"
    markdown = said(earshot.run("transcribe", str(speech), "--find", "summary", "-f", "md"))
    assert markdown.index("## Summary") < markdown.index("## What was said")


def test_a_format_without_a_place_for_it_is_a_wrong_option(
    earshot: Installation, speech: Path
) -> None:
    done = earshot.run("transcribe", str(speech), "--find", "summary", "--format", "srt")
    assert done.returncode == 2
    assert "--find" in done.stderr
    assert done.stdout == ""
