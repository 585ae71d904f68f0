"""Answers in a form that was asked for: json_schema, else json_object, else plain text.

Servers differ in which of these they know. Whatever comes is checked by the same pydantic model,
and asked for once more where it does not fit.
"""

import json
import logging
import re
from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from earshot.errors import LlmAnswerUnusable
from earshot.llm.client import Budget, FormatUnknown, LlmClient, Message

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer", bound=BaseModel)
_THOUGHTS = re.compile(r"<think>.*?</think>", re.DOTALL)
_AGAIN = "That was not a JSON object that fits the schema. Answer with the JSON object alone."


class LlmAnswers:
    """Questions to one endpoint whose answers have a form; safe to share between threads."""

    def __init__(self, client: LlmClient) -> None:
        self._client = client
        self._rung = 0  # of the ladder: the first that this endpoint is known to have

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
        """The answer, as the form has it.

        Raises LlmUnavailable, and LlmAnswerUnusable where it does not fit the second time either.
        """
        schema = form.model_json_schema()
        rules = f"{instructions}\nAnswer with one JSON object that fits this JSON schema:\n"
        asked = [
            Message("system", rules + json.dumps(schema)),
            Message("user", material),
        ]
        first = self._complete(asked, schema, budget, max_tokens)
        answer = _read(first, form)
        if answer is None:
            logger.info("llm_answer_does_not_fit", extra={"endpoint": self.name})
            again = [*asked, Message("assistant", first), Message("user", _AGAIN)]
            answer = _read(self._complete(again, schema, budget, max_tokens), form)
        if answer is None:
            raise LlmAnswerUnusable(self.name)
        return answer

    def _complete(
        self, messages: list[Message], schema: dict[str, Any], budget: Budget, max_tokens: int
    ) -> str:
        ladder = _ladder(schema)
        for rung in range(self._rung, len(ladder)):
            try:
                text = self._client.complete(
                    messages, budget, max_tokens=max_tokens, response_format=ladder[rung]
                )
            except FormatUnknown:
                continue
            self._rung = rung
            return text
        raise AssertionError("plain text is never refused for its form")


def _ladder(schema: dict[str, Any]) -> Sequence[dict[str, Any] | None]:
    described = {"name": "answer", "schema": schema, "strict": True}
    return (
        {"type": "json_schema", "json_schema": described},
        {"type": "json_object"},
        None,
    )


def _read(text: str, form: type[Answer]) -> Answer | None:
    """The first JSON object in the text that fits; what stands around it does not matter."""
    spoken = _THOUGHTS.sub("", text)
    decoder = json.JSONDecoder()
    at = spoken.find("{")
    while at >= 0:
        try:
            found, _ = decoder.raw_decode(spoken, at)
            return form.model_validate(found)
        except (ValueError, RecursionError, ValidationError):
            at = spoken.find("{", at + 1)
    return None
