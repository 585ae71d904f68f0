from earshot.pipeline.understanding import understand
from earshot.transcript.options import TranscriptOptions, UnderstandingOptions
from earshot.transcript.result import TranscriptResult
from earshot.transcript.words import Word
from earshot.understanding.features.highlights import HighlightsFeature

RESULT = TranscriptResult((Word("Wildfires.", 0, 900, 0.9),), None, 1000, None, "en_us", "scripted")


def test_nothing_is_added_where_nothing_is_asked_for() -> None:
    assert understand(RESULT, TranscriptOptions(), [HighlightsFeature()]) == RESULT


def test_the_findings_come_with_the_result() -> None:
    options = TranscriptOptions(understanding=UnderstandingOptions(key_phrases=True))
    understood = understand(RESULT, options, [HighlightsFeature()])
    assert understood.words == RESULT.words
    assert understood.findings is not None
    assert [phrase.text for phrase in understood.findings.key_phrases or ()] == ["Wildfires"]
