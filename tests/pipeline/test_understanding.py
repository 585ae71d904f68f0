from collections.abc import Sequence
from dataclasses import replace

import pytest
from typing_extensions import override

from earshot.errors import ModelNotInLanguage, NamesNotInstalled, RequestNotUnderstood
from earshot.pipeline.understanding import (
    finished_transcript,
    redact,
    understand,
    understand_finished,
    with_findings,
)
from earshot.transcript.findings import Findings, SentenceSentiment
from earshot.transcript.options import (
    OwnTerms,
    RedactionOptions,
    SpeakerNaming,
    TranscriptOptions,
    UnderstandingOptions,
)
from earshot.transcript.result import KnownSpeaker, TranscriptResult, Unredacted
from earshot.transcript.words import Utterance, Word
from earshot.understanding.entities.candidates import Tagged
from earshot.understanding.features.entities import EntitiesFeature
from earshot.understanding.features.highlights import HighlightsFeature
from earshot.understanding.features.speaker_identification import SpeakerIdentificationFeature

RESULT = TranscriptResult((Word("Wildfires.", 0, 900, 0.9),), None, 1000, None, "en_us", "scripted")


class NoNames:
    """A tagger that finds none."""

    def tag(self, words: Sequence[Word]) -> list[Tagged]:
        del words
        return []


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
    result = TranscriptResult(words, (Utterance(words, "A"),), 1000, None, "en", "scripted")
    options = TranscriptOptions(
        understanding=UnderstandingOptions(entities=True),
        redaction=RedactionOptions(("email_address",)),
    )
    understood = understand(result, options, [HighlightsFeature(), EntitiesFeature()])
    assert understood.text == "################ wrote."
    assert understood.utterances is not None
    assert understood.utterances[0].words == understood.words
    assert understood.unredacted is None
    assert understood.findings is not None
    assert [e.text for e in understood.findings.entities or ()] == ["jane@example.com"]


def test_one_reading_of_the_words_hides_names_and_tells_them() -> None:
    class Reader(NoNames):
        """Takes the first word for a name, and counts how often it is asked."""

        n_read = 0

        @override
        def tag(self, words: Sequence[Word]) -> list[Tagged]:
            self.n_read += 1
            return [Tagged("person_name", 0, 1, is_sure=True)]

    words = (Word("Jane", 0, 900, 0.9), Word("wrote.", 900, 1000, 0.9))
    options = TranscriptOptions(
        understanding=UnderstandingOptions(entities=True),
        redaction=RedactionOptions(("person_name",)),
    )
    reader = Reader()
    feature = EntitiesFeature(reader, has_encoder=True)
    result = TranscriptResult(words, None, 1000, None, "en", "scripted")
    understood = understand(result, options, [feature], tagger=reader)
    assert understood.text == "#### wrote."
    assert understood.findings is not None
    assert [e.text for e in understood.findings.entities or ()] == ["Jane"]
    assert reader.n_read == 1


def test_redaction_alone_is_enough_to_ask_for() -> None:
    options = TranscriptOptions(redaction=RedactionOptions(("url",)))
    words = (Word("example.com", 0, 900, 0.9),)
    hidden = understand(TranscriptResult(words, None, 1000, None, "en_us", "scripted"), options, [])
    assert hidden.text == "###########"
    assert hidden.findings is None


def test_what_was_said_is_kept_where_that_is_asked_for() -> None:
    words = (Word("example.com", 0, 900, 0.9, "A"),)
    result = TranscriptResult(words, (Utterance(words, "A"),), 1000, None, "en", "scripted")
    shown = redact(result, RedactionOptions(("url",), keeps_unredacted=True))
    assert shown.text == "###########"
    assert shown.unredacted == Unredacted(words, result.utterances)


def test_nothing_is_shown_in_a_language_in_which_it_would_stay_readable() -> None:
    spanish = replace(RESULT, language_code="es")
    with pytest.raises(ModelNotInLanguage):
        redact(spanish, RedactionOptions(("email_address",)))
    own = RedactionOptions(own_terms=(OwnTerms("x", ("Wildfires",)),))
    assert redact(spanish, own).text == "#########."


def test_nothing_is_shown_where_a_newer_version_asked_for_more() -> None:
    with pytest.raises(RequestNotUnderstood):
        redact(RESULT, RedactionOptions(("url",), not_understood=("hides_more",)))


@pytest.mark.parametrize(
    ("redaction", "name"),
    [
        (RedactionOptions(("person_name",)), "#### ###"),
        (RedactionOptions(("person_name",), "entity_name"), "[PERSON_NAME] [PERSON_NAME]"),
        (RedactionOptions(own_terms=(OwnTerms("x", ("doe",)),)), "Jane ###"),
        (RedactionOptions(("url",)), "Jane Doe"),
    ],
)
def test_names_of_known_voices_are_hidden_like_what_is_said(
    redaction: RedactionOptions, name: str
) -> None:
    named = replace(RESULT, known_speakers=(KnownSpeaker("A", "Jane Doe", 0.9),))
    hidden = redact(named, redaction, NoNames())
    assert hidden.known_speakers == (KnownSpeaker("A", name, 0.9),)


def test_names_stay_in_no_result_because_nothing_finds_them() -> None:
    with pytest.raises(NamesNotInstalled):
        redact(RESULT, RedactionOptions(("date", "location_city")))


def _introduced(text: str) -> TranscriptResult:
    words = tuple(
        Word(part, 300 * i, 300 * i + 200, 0.9, "A") for i, part in enumerate(text.split())
    )
    known = (KnownSpeaker("A", "Anna", 0.9),)
    return replace(
        RESULT,
        words=words,
        utterances=(Utterance(words, "A"),),
        known_speakers=known,
        unredacted=Unredacted(words, (Utterance(words, "A"),)),
    )


def test_a_speaker_who_is_identified_bears_the_name_everywhere() -> None:
    named = with_findings(_introduced("Hello."), Findings(speaker_names={"A": "Anna"}))
    assert named.findings == Findings(speaker_names={"A": "Anna"})
    assert named.unredacted is not None
    for words, utterances in (
        (named.words, named.utterances),
        (named.unredacted.words, named.unredacted.utterances),
    ):
        assert [word.speaker for word in words] == ["Anna"]
        assert utterances is not None
        assert [utterance.speaker for utterance in utterances] == ["Anna"]
        assert [word.speaker for word in utterances[0].words] == ["Anna"]
    assert named.known_speakers == (KnownSpeaker("Anna", "Anna", 0.9),)


def test_a_sentiment_is_that_of_the_speaker_who_was_identified() -> None:
    sentiment = SentenceSentiment("Hello.", 0, 900, "NEUTRAL", 0.9, "A", None)
    found = Findings(speaker_names={"A": "Anna"}, sentiments=(sentiment,))
    named = with_findings(_introduced("Hello."), found)
    assert named.findings is not None
    assert named.findings.sentiments == (replace(sentiment, speaker="Anna"),)


def test_a_channel_that_is_identified_bears_the_name() -> None:
    words = (Word("Hello.", 0, 900, 0.9, None, 2),)
    result = replace(RESULT, words=words, utterances=(Utterance(words, "2", 2),))
    named = with_findings(result, Findings(speaker_names={"2": "Anna"}))
    assert named.words[0].speaker == "Anna"
    assert named.words[0].channel == 2
    assert named.utterances is not None
    assert named.utterances[0].speaker == "Anna"


def test_what_is_hidden_in_a_stored_transcript_is_not_read_again() -> None:
    said = _introduced("My name is Anna.")
    hidden = _introduced("My name is ####.")
    stored = replace(hidden, known_speakers=None, unredacted=said.unredacted)
    options = UnderstandingOptions(speaker_naming=SpeakerNaming("name"))
    features = [SpeakerIdentificationFeature()]
    found = understand_finished(stored, options, features, project="default")
    assert found.findings is not None
    assert found.findings.speaker_names == {}
    open_one = understand_finished(said, options, features, project="default")
    assert open_one.findings is not None
    assert open_one.findings.speaker_names == {"A": "Anna"}


def test_redaction_says_which_names_it_would_hide() -> None:
    policies = RedactionOptions(("person_name",))
    for redaction, is_hidden in (
        (None, False),
        (RedactionOptions(("url",)), False),
        (policies, True),
        (RedactionOptions((), own_terms=(OwnTerms("x", ("Anna",)),)), True),
    ):
        transcript = finished_transcript(RESULT, RESULT.words, "default", redaction=redaction)
        assert transcript.hides_name("Anna") is is_hidden
