import pytest

from benchmarks.diarization_errors import (
    DiarizationErrors,
    diarization_error_rate,
    diarization_errors,
    read_rttm,
)
from earshot.diarization.diarizer import Stretch


def turns(**spans: list[tuple[int, int]]) -> dict[str, list[Stretch]]:
    return {name: [Stretch(*span) for span in mine] for name, mine in spans.items()}


SAID = turns(ann=[(0, 4000)], bob=[(5000, 9000)])


def test_names_do_not_matter() -> None:
    heard = turns(x=[(5000, 9000)], y=[(0, 4000)])
    assert diarization_errors(SAID, heard, 10_000) == DiarizationErrors(8000, 0, 0, 0)


def test_what_nobody_hears_is_missed_and_what_nobody_says_invented() -> None:
    heard = turns(x=[(0, 3000)], y=[(5000, 10_000)])
    assert diarization_errors(SAID, heard, 10_000) == DiarizationErrors(8000, 1000, 1000, 0)


def test_one_speaker_for_two_is_half_confused() -> None:
    heard = turns(x=[(0, 4000), (5000, 9000)])
    assert diarization_errors(SAID, heard, 10_000) == DiarizationErrors(8000, 0, 0, 4000)


def test_each_of_two_who_speak_at_once_counts() -> None:
    said = turns(ann=[(0, 4000)], bob=[(2000, 6000)])
    heard = turns(x=[(0, 6000)])
    found = diarization_errors(said, heard, 10_000)
    assert (found.speech_ms, found.missed_ms, found.confused_ms) == (8000, 2000, 2000)


def test_edges_within_the_collar_are_not_judged() -> None:
    heard = turns(x=[(200, 3800)], y=[(5200, 8800)])
    assert diarization_errors(SAID, heard, 10_000, collar_ms=250) == DiarizationErrors(
        7000, 0, 0, 0
    )
    assert diarization_errors(SAID, heard, 10_000).missed_ms == 800


def test_nobody_heard_is_all_missed() -> None:
    assert diarization_errors(SAID, {}, 10_000) == DiarizationErrors(8000, 8000, 0, 0)
    assert diarization_errors({}, turns(x=[(0, 500)]), 10_000).invented_ms == 500


def test_the_rate_is_over_all_recordings_together() -> None:
    rate = diarization_error_rate(
        [DiarizationErrors(1000, 100), DiarizationErrors(3000, 0, 300, 200)]
    )
    assert rate.percent == pytest.approx(15.0)
    assert rate.low_percent <= rate.percent <= rate.high_percent


def test_time_marks_are_read_by_speaker_in_order() -> None:
    text = "SPEAKER a 1 2.5 1.0 <NA> <NA> ann <NA> <NA>\n\nSPEAKER a 1 0.1 0.4 <NA> <NA> ann <NA>\n"
    assert read_rttm(text) == turns(ann=[(100, 500), (2500, 3500)])
