import json
import logging
from typing import Any

import pytest

from earshot.egress.client import GuardedClient
from earshot.errors import LlmAnswerUnusable, LlmUnavailable
from earshot.llm.answers import LlmAnswers
from earshot.llm.client import Budget, LlmClient
from earshot.llm.endpoints import LlmEndpoint
from earshot.transcript.sentences import Sentence, split_sentences
from earshot.transcript.words import Word
from earshot.understanding.material import MAX_PART_CHARS
from earshot.understanding.writing import MAX_NOTES_CHARS, condense, notice_of
from tests.llm.server import LlmServer, Reply, serving


def sentences_of(text: str) -> list[Sentence]:
    return split_sentences(
        [Word(t, 300 * i, 300 * i + 250, 0.9) for i, t in enumerate(text.split())]
    )


def answers_of(server: LlmServer) -> LlmAnswers:
    endpoint = LlmEndpoint("fast", server.url, "tiny")
    return LlmAnswers(LlmClient(GuardedClient(), endpoint, timeout_s=30))


def test_what_fits_is_given_as_it_is() -> None:
    with serving([Reply(status=500)]) as server:
        answers = answers_of(server)
        assert condense(sentences_of("Smoke comes."), answers, Budget(60)) == "Smoke comes."
        assert condense([], answers, Budget(60)) == ""
        assert server.asked == []


def test_notes_that_are_too_long_together_are_noted_down_again() -> None:
    def note(asked: dict[str, Any]) -> Reply:
        lengths.append(len(asked["messages"][1]["content"]))
        return Reply(json.dumps({"notes": "n" * MAX_NOTES_CHARS}))

    lengths: list[int] = []
    very_long = sentences_of("Smoke comes down from the north. " * (6 * MAX_PART_CHARS // 33))
    with serving(note) as server:
        condensed = condense(very_long, answers_of(server), Budget(60))
    assert len(condensed) <= MAX_PART_CHARS
    assert max(lengths) <= MAX_PART_CHARS
    assert len(lengths) > 7  # the parts, and what was noted of them


def test_notes_that_are_longer_than_they_may_be_are_refused() -> None:
    endless = Reply(json.dumps({"notes": "n" * (MAX_NOTES_CHARS + 1)}))
    long = sentences_of("Smoke comes down from the north. " * (MAX_PART_CHARS // 20))
    with serving([endless]) as server, pytest.raises(LlmAnswerUnusable):
        condense(long, answers_of(server), Budget(60))


def test_the_reason_is_for_the_log_and_not_for_the_caller(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        notice = notice_of("summarization", LlmUnavailable("vendor", "it answered with status 401"))
    assert "vendor" not in notice
    assert "401" not in notice
    (record,) = caplog.records
    assert "status 401" in vars(record)["reason"]
