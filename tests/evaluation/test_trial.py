from itertools import count
from pathlib import Path

import pytest

from earshot.errors import AudioTooShort
from earshot.evaluation.recordings import LabelledRecording
from earshot.evaluation.scoring import ErrorCounts
from earshot.evaluation.trial import summarise, try_recordings
from earshot.transcript.result import TranscriptResult
from earshot.transcript.words import Word
from tests.evaluation.conftest import MakeTrial


def hear(path: Path) -> TranscriptResult:
    """Two seconds that say the file's name; none of a file that is called `short`."""
    if path.name == "short":
        raise AudioTooShort
    words = tuple(Word(text, 0, 1, 0.9) for text in path.name.split("-"))
    return TranscriptResult(words, None, 2000, None, "en_us", "scripted")


def recording(name: str, reference: str | None) -> LabelledRecording:
    return LabelledRecording(name, Path(name), reference)


def test_every_recording_is_tried_and_timed_and_one_that_fails_ends_nothing() -> None:
    recordings = [
        recording("a-cat", "a dog"),
        recording("short", "never mind"),
        recording("so-what", None),
    ]
    seconds = count()
    tried = list(try_recordings(recordings, hear, lambda: float(next(seconds)), is_english=True))
    assert [trial.text for trial in tried] == ["a cat", "", "so what"]
    assert [trial.elapsed_s for trial in tried] == [1.0, 1.0, 1.0]
    assert tried[0].words == ErrorCounts(2, 1, 0, 0)
    assert tried[1].refusal == "Audio duration is too short."
    assert tried[2].words is None
    assert tried[2].audio_s == 2.0


def test_a_summary_adds_up_what_was_done(make_trial: MakeTrial) -> None:
    trials = [
        make_trial("a", "well said", "well done"),
        make_trial("b", None, "hm"),
        make_trial("c", "x", "", refusal="broken"),
    ]
    summary = summarise("scripted", trials, 12.0)
    assert (summary.n_recordings, summary.n_refused) == (3, 1)
    assert (summary.audio_s, summary.realtime_factor) == (2.0, 2.0)
    assert (summary.median_latency_s, summary.p95_latency_s) == (0.5, 0.5)
    assert summary.words is not None
    assert summary.words.percent == 50.0


@pytest.mark.parametrize("refusal", [None, "broken"])
def test_without_references_there_are_no_rates(make_trial: MakeTrial, refusal: str | None) -> None:
    summary = summarise("scripted", [make_trial("a", None, "hm", refusal)], 12.0)
    assert summary.words is None
    assert summary.characters is None
