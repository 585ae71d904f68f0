import dataclasses

import pytest

from earshot.recognition.recognizer import Recognition, Recognizer
from earshot.testing import ScriptedRecognizer


def test_a_recognition_cannot_be_changed_once_it_was_made() -> None:
    recognition = Recognition((), -0.5, is_repetitive=False)
    with pytest.raises(dataclasses.FrozenInstanceError):
        recognition.mean_logprob = 0.0  # type: ignore[misc]  # the point of the test


def test_the_scripted_engine_is_a_recognizer() -> None:
    engine: Recognizer = ScriptedRecognizer(name="other", languages=frozenset({"de"}))
    assert engine.name == "other"
    assert engine.languages == {"de"}
