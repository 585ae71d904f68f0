import threading
from collections.abc import Sequence

import pytest
from typing_extensions import override

from earshot.streaming.events import Passage, SecretsWanted
from earshot.streaming.redaction import Hidden
from earshot.streaming.shared_secrets import SharedSecrets
from earshot.transcript.options import RedactionOptions
from earshot.transcript.words import Word
from earshot.understanding.entities.candidates import Tagged
from tests.listener import NumbersAreNames

PATIENCE_S = 10
SAID = Passage((), (Word("One", 0, 300, 0.9), Word("two.", 300, 600, 0.9)))


def wanted(number: int = 1) -> SecretsWanted:
    return SecretsWanted(number, RedactionOptions(("person_name",)), SAID, SAID)


class GatedTagger(NumbersAreNames):
    """Tags nothing before its gate is opened, and then fails where it is to."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.gate = threading.Event()
        self.threads: set[int] = set()
        self._failure = failure

    @override
    def tag(self, words: Sequence[Word]) -> list[Tagged]:
        self.threads.add(threading.get_ident())
        assert self.gate.wait(PATIENCE_S)
        if self._failure is not None:
            raise self._failure
        return super().tag(words)


def test_secrets_are_found_on_another_thread() -> None:
    tagger = GatedTagger()
    secrets = SharedSecrets(tagger)
    answer = secrets.find_secrets(wanted())
    assert not answer.done()
    tagger.gate.set()
    assert answer.result(PATIENCE_S).hidden == (Hidden(300, 600, "person_name"),)
    assert threading.get_ident() not in tagger.threads
    secrets.close()


def test_what_the_tagger_raises_is_raised_where_the_answer_is_taken() -> None:
    tagger = GatedTagger(OSError("no memory"))
    tagger.gate.set()
    secrets = SharedSecrets(tagger)
    with pytest.raises(OSError, match="no memory"):
        secrets.find_secrets(wanted()).result(PATIENCE_S)
    secrets.close()


def test_what_waits_is_given_up_at_the_end() -> None:
    tagger = GatedTagger()
    secrets = SharedSecrets(tagger)
    answers = [secrets.find_secrets(wanted(number)) for number in range(5)]
    threading.Timer(0.1, tagger.gate.set).start()
    secrets.close()
    assert answers[0].result(PATIENCE_S).hidden
    assert answers[-1].cancelled()
