import numpy as np

from earshot.diarization.diarizer import Embedding, Stretch, Track
from earshot.streaming.speakers import LiveSpeakers


def voice(angle_degrees: float) -> Embedding:
    """Voices lie on a circle: 90 degrees are unlike, 45 are a distance of 0.3."""
    embedding: Embedding = np.zeros(8, dtype=np.float32)
    embedding[:2] = np.cos(np.radians(angle_degrees)), np.sin(np.radians(angle_degrees))
    return embedding


def heard(angle_degrees: float | None, clean_ms: int = 3000, start_ms: int = 0) -> Track:
    embedding = None if angle_degrees is None else voice(angle_degrees)
    return Track((Stretch(start_ms, start_ms + clean_ms),), embedding, clean_ms)


def test_a_voice_of_before_is_the_same_speaker_and_another_one_is_new() -> None:
    speakers = LiveSpeakers()
    assert speakers.assign([heard(0), heard(90)]) == [0, 1]
    assert speakers.assign([heard(100), heard(-20)]) == [1, 0]


def test_no_more_speakers_are_found_than_there_may_be() -> None:
    speakers = LiveSpeakers(max_speakers=2)
    assert speakers.assign([heard(0), heard(120)]) == [0, 1]
    assert speakers.assign([heard(-110), heard(210)]) == [0, 1]


def test_a_short_voice_is_no_new_speaker_but_may_be_one_of_before() -> None:
    speakers = LiveSpeakers()
    assert speakers.assign([heard(0, clean_ms=500)]) == [None]
    assert speakers.assign([heard(0)]) == [0]
    assert speakers.assign([heard(20, clean_ms=500)]) == [0]
    assert speakers.assign([heard(180, clean_ms=500)]) == [None]


def test_a_voice_that_nothing_is_known_of_is_nobodys() -> None:
    assert LiveSpeakers().assign([heard(None), heard(0)]) == [None, 0]


def test_whoever_is_heard_for_the_longest_decides_first() -> None:
    speakers = LiveSpeakers()
    assert speakers.assign([heard(50, clean_ms=600), heard(0, clean_ms=5000)]) == [0, 0]


def test_nothing_heard_is_nobody() -> None:
    assert LiveSpeakers().assign([]) == []
