import dataclasses

import pytest

from earshot.audio.segments import DEFAULT_SEGMENT_POLICY, SegmentPolicy
from earshot.recognition.recognizer import Recognition, Recognizer, segment_policy_of
from earshot.testing import ScriptedRecognizer


def test_a_recognition_cannot_be_changed_once_it_was_made() -> None:
    recognition = Recognition((), -0.5, is_repetitive=False)
    with pytest.raises(dataclasses.FrozenInstanceError):
        recognition.mean_logprob = 0.0  # type: ignore[misc]  # the point of the test


def test_the_scripted_engine_is_a_recognizer() -> None:
    engine: Recognizer = ScriptedRecognizer(name="other", languages=frozenset({"de"}))
    assert engine.name == "other"
    assert engine.languages == {"de"}


class ShortOfBreath(ScriptedRecognizer):
    segment_policy = SegmentPolicy(min_s=1.0, max_s=2.0)


def test_speech_is_packed_by_default_unless_the_engine_says_how() -> None:
    assert segment_policy_of(ScriptedRecognizer()) == DEFAULT_SEGMENT_POLICY
    assert segment_policy_of(ShortOfBreath()).max_s == 2.0
