"""Answers in a form that was asked for: json_schema, else json_object, else plain text.

Servers differ in which of these they know. Whatever comes is checked by the same pydantic model,
and asked for once more where it does not fit.
"""

import json
import logging
import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel

from earshot.errors import LlmAnswerUnusable, LlmRequestTooLong, LlmUnavailable
from earshot.llm.client import Budget, Completion, LlmClient, Message
from earshot.llm.dialects import Dialect, LearnedDialect, is_about_length

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer", bound=BaseModel)
# A thought that was not finished is one, too.
_THOUGHTS = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_AGAIN = "That was not a JSON object that fits the schema. Answer with the JSON object alone."
THINKING_ROOM = 4
# Ample for any language, and for servers that do not count; what is longer takes long to search.
MAX_CHARS_PER_TOKEN = 8
MIN_CHARS_READ = 20_000
MAX_OBJECTS = 100
MAX_QUOTED = 2000  # characters of an answer that did not fit, for the model to see what it did


class LlmAnswers:
    """Questions to one endpoint whose answers have a form; safe to share between threads.

    How the endpoint wants to be asked is found out by asking, and remembered for an hour.
    """

    def __init__(self, client: LlmClient, now_s: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._learned = LearnedDialect(Dialect(), now_s)

    @property
    def name(self) -> str:
        """That of the endpoint."""
        return self._client.name

    def ask(
        self,
        instructions: str,
        material: str,
        form: type[Answer],
        budget: Budget,
        *,
        max_tokens: int,
    ) -> Answer:
        """The answer, as the form has it; blocks until the budget is spent, at the longest.

        `instructions` are ours and `material` is text of others', which goes in a message of its
        own. `form` is made of named fields, lists and plain values. `max_tokens` is what an answer
        of that form needs, thoughts aside.

        Raises LlmUnavailable; LlmAnswerUnusable where what comes does not fit the second time
        either, or is cut off; and what the budget's `require_wanted` raises, before anything is
        sent. Both errors are LlmFailed. Their texts are for the operator: callers are told that
        the language model was not available, and no more.
        """
        schema = form.model_json_schema()
        rules = f"{instructions}\nAnswer with one JSON object that fits this JSON schema:\n"
        asked = [
            Message("system", rules + json.dumps(schema)),
            Message("user", material),
        ]
        first, answer = self._ask_once(asked, schema, form, budget, max_tokens)
        if answer is None:
            logger.info("llm_answer_does_not_fit", extra={"endpoint": self.name})
            again = [*asked, Message("assistant", first[:MAX_QUOTED]), Message("user", _AGAIN)]
            _, answer = self._ask_once(again, schema, form, budget, max_tokens)
        if answer is None:
            raise LlmAnswerUnusable(self.name)
        return answer

    def _ask_once(
        self,
        messages: list[Message],
        schema: dict[str, Any],
        form: type[Answer],
        budget: Budget,
        max_tokens: int,
    ) -> tuple[str, Answer | None]:
        """What came, and the answer if there is one in it; with more room where it was cut off."""
        dialect = self._learned.now
        for room in sorted({dialect.room, THINKING_ROOM}):
            dialect, come = self._complete(
                messages, schema, budget, max_tokens, replace(dialect, room=room)
            )
            text = come.text[: max(MIN_CHARS_READ, max_tokens * room * MAX_CHARS_PER_TOKEN)]
            answer = _read(text, form)
            if answer is not None or not come.is_cut_off:
                self._learned.remember(dialect)
                return text, answer
        raise LlmAnswerUnusable(self.name, "was cut off")

    def _complete(
        self,
        messages: list[Message],
        schema: dict[str, Any],
        budget: Budget,
        max_tokens: int,
        dialect: Dialect,
    ) -> tuple[Dialect, Completion]:
        """The dialect in which it answers, and what."""
        while True:
            parameters = dialect.parameters(schema, max_tokens)
            outcome = self._client.complete(messages, budget, parameters)
            if isinstance(outcome, Completion):
                return dialect, outcome
            looser = dialect.instead(outcome.complaint)
            if looser is None and is_about_length(outcome.complaint):
                raise LlmRequestTooLong(self.name)
            if looser is None:
                raise LlmUnavailable(self.name, f"it answered with status {outcome.status}")
            dialect = looser


def _read(text: str, form: type[Answer]) -> Answer | None:
    """The first JSON object in the text that fits; what stands around it does not matter."""
    spoken = _THOUGHTS.sub("", text)
    decoder = json.JSONDecoder()
    at = spoken.find("{")
    for _ in range(MAX_OBJECTS):
        if at < 0:
            return None
        try:
            found, _ = decoder.raw_decode(spoken, at)
            return form.model_validate(found)
        except RecursionError:
            return None
        except ValueError:  # pydantic's are such, too
            at = spoken.find("{", at + 1)
    return None
