from collections.abc import Sequence

from earshot.transcript.options import RedactionOptions
from earshot.transcript.words import Word
from earshot.understanding.entities.candidates import Tagged
from earshot.understanding.entities.detection import detect_entities
from earshot.understanding.entities.shared_tagger import SharedTagger
from earshot.understanding.redaction.redact import redact_words
from tests.understanding.saying import say


class Reader:
    """Takes the first word for a name; `read` is what it was given."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def tag(self, words: Sequence[Word]) -> list[Tagged]:
        self.read.append(" ".join(word.text for word in words))
        return [Tagged("person_name", 0, 1, is_sure=True)]


def test_the_same_words_are_read_once() -> None:
    reader = Reader()
    shared = SharedTagger(reader)
    words = say("jane said so")
    assert list(shared.tag(words)) == list(shared.tag(list(words))) == reader.tag(words)
    assert reader.read == ["jane said so"] * 2  # the second time by us


def test_redaction_and_entities_are_by_one_reading() -> None:
    reader = Reader()
    shared = SharedTagger(reader)
    words = say("jane said so")
    redacted = redact_words(words, RedactionOptions(("person_name",)), shared)
    assert [word.text for word in redacted] == ["####", "said", "so"]
    assert [entity.text for entity in detect_entities(words, shared)] == ["jane"]
    assert reader.read == ["jane said so"]


def test_nobody_reads_for_what_has_a_form() -> None:
    reader = Reader()
    redacted = redact_words(say("call 212 555-0123"), RedactionOptions(("phone_number",)), reader)
    assert [word.text for word in redacted] == ["call", "###", "########"]
    assert reader.read == []


def test_other_words_are_read_by_themselves() -> None:
    reader = Reader()
    shared = SharedTagger(reader)
    shared.tag(say("jane said so"))
    shared.tag(say("jane said no"))
    assert len(reader.read) == 2
