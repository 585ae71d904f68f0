from dataclasses import replace

from earshot.transcript.findings import FoundEntity
from earshot.transcript.options import UnderstandingOptions
from earshot.understanding.feature import FinishedTranscript
from earshot.understanding.features.entities import NOTICE, EntitiesFeature
from tests.understanding.saying import say

OPTIONS = UnderstandingOptions(entities=True)


def test_entities_keep_their_text_where_the_words_are_redacted() -> None:
    spoken = say("write to jane@example.com")
    redacted = tuple(replace(word, text="#" * len(word.text)) for word in spoken)
    findings = EntitiesFeature().find(FinishedTranscript(redacted, "en", spoken=spoken), OPTIONS)
    assert findings.entities == (FoundEntity("email_address", "jane@example.com", 600, 900),)


def test_the_types_that_are_not_found_are_told() -> None:
    findings = EntitiesFeature().find(FinishedTranscript(say("hello"), "en"), OPTIONS)
    assert findings.entities == ()
    assert findings.warnings == (NOTICE,)
    assert "person_name" in NOTICE
    assert not EntitiesFeature().is_asked_for(UnderstandingOptions())
