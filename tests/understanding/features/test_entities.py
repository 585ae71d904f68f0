from collections.abc import Sequence
from dataclasses import replace

import pytest

from earshot.transcript.findings import FoundEntity
from earshot.transcript.options import UnderstandingOptions
from earshot.transcript.words import Word
from earshot.understanding.entities.candidates import Tagged
from earshot.understanding.feature import FinishedTranscript
from earshot.understanding.features.entities import NOT_FOUND, NOTICE, EntitiesFeature
from tests.understanding.saying import say

OPTIONS = UnderstandingOptions(entities=True)


class FirstWordIsAName:
    """A tagger that knows people by where they are named."""

    def tag(self, words: Sequence[Word]) -> list[Tagged]:
        del words
        return [
            Tagged("person_name", 0, 1, is_sure=True),
            Tagged("location", 1, 2, is_sure=False),
        ]


def test_entities_keep_their_text_where_the_words_are_redacted() -> None:
    spoken = say("write to jane@example.com")
    redacted = tuple(replace(word, text="#" * len(word.text)) for word in spoken)
    findings = EntitiesFeature().find(FinishedTranscript(redacted, "en", spoken=spoken), OPTIONS)
    assert findings.entities == (FoundEntity("email_address", "jane@example.com", 600, 900),)


def test_what_a_tagger_is_sure_of_is_named_and_what_it_doubts_is_not() -> None:
    feature = EntitiesFeature(FirstWordIsAName(), has_encoder=True)
    findings = feature.find(FinishedTranscript(say("jane said so"), "en"), OPTIONS)
    assert findings.entities == (FoundEntity("person_name", "jane", 0, 300),)
    assert findings.warnings == ()


def test_a_tagger_that_has_read_the_words_is_asked_before_another() -> None:
    class Silent:
        """A tagger that finds nothing."""

        def tag(self, words: Sequence[Word]) -> list[Tagged]:
            del words
            return []

    english = FinishedTranscript(say("jane said so"), "en", tagger=FirstWordIsAName())
    found = EntitiesFeature(Silent(), has_encoder=True).find(english, OPTIONS)
    assert found.entities == (FoundEntity("person_name", "jane", 0, 300),)
    german = replace(english, language_code="de")
    assert EntitiesFeature(Silent(), has_encoder=True).find(german, OPTIONS).entities == ()


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("Jane, said so", "Jane"),
        ('"Jane." said so', "Jane"),
        ("D.C. is so", "D.C."),
        ("-- so", "--"),
    ],
)
def test_a_name_is_told_without_the_marks_around_it(said: str, named: str) -> None:
    found = EntitiesFeature(FirstWordIsAName()).find(FinishedTranscript(say(said), "en"), OPTIONS)
    assert found.entities is not None
    assert [entity.text for entity in found.entities] == [named]


def test_the_types_that_are_not_found_or_found_less_are_told() -> None:
    english, german = (FinishedTranscript(say("hello"), code) for code in ("en", "de"))
    tagging = EntitiesFeature(FirstWordIsAName(), has_encoder=True)
    assert tagging.find(german, OPTIONS).warnings == (NOT_FOUND,)
    assert tagging.find(german, OPTIONS).entities == ()
    without_encoder = EntitiesFeature(FirstWordIsAName(), has_encoder=False)
    assert without_encoder.find(english, OPTIONS).warnings == (NOTICE,)
    assert "person_name" in NOTICE
    assert "person_name" in NOT_FOUND
    assert not EntitiesFeature().is_asked_for(UnderstandingOptions())
