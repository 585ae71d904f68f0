from earshot.pipeline.understanding import NOT_ENGLISH, understand
from earshot.transcript.options import RedactionOptions, TranscriptOptions, UnderstandingOptions
from earshot.transcript.result import TranscriptResult
from earshot.transcript.words import Utterance, Word
from earshot.understanding.features.entities import EntitiesFeature
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


def test_everything_but_entities_is_made_of_redacted_words() -> None:
    words = (Word("jane@example.com", 0, 900, 0.9, "A"), Word("wrote.", 900, 1000, 0.9, "A"))
    result = TranscriptResult(words, (Utterance(words, "A"),), 1000, None, "de", "scripted")
    options = TranscriptOptions(
        understanding=UnderstandingOptions(entities=True),
        redaction=RedactionOptions(("email_address",)),
    )
    understood = understand(result, options, [HighlightsFeature(), EntitiesFeature()])
    assert understood.text == "################ wrote."
    assert understood.utterances is not None
    assert understood.utterances[0].words == understood.words
    assert understood.warnings == (NOT_ENGLISH,)
    assert understood.findings is not None
    assert [e.text for e in understood.findings.entities or ()] == ["jane@example.com"]


def test_redaction_alone_is_enough_to_ask_for() -> None:
    options = TranscriptOptions(redaction=RedactionOptions(("url",)))
    words = (Word("example.com", 0, 900, 0.9),)
    hidden = understand(TranscriptResult(words, None, 1000, None, "en_us", "scripted"), options, [])
    assert hidden.text == "###########"
    assert hidden.findings is None
