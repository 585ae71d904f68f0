from earshot.transcript.result import TranscriptResult
from earshot.transcript.words import Word


def test_text_and_confidence_are_those_of_the_words() -> None:
    words = (Word("Hello", 0, 300, 0.5), Word("there.", 320, 600, 1.0))
    result = TranscriptResult(words, None, 1_000, None, "en_us", "scripted")
    assert result.text == "Hello there."
    assert result.confidence == 0.75
    assert result.warnings == ()


def test_silence_is_a_result_without_text() -> None:
    result = TranscriptResult((), None, 1_000, None, "en_us", "scripted")
    assert result.text == ""
    assert result.confidence == 0.0
