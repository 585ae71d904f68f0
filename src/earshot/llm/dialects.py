"""What endpoints let themselves be asked for, and what one that refused is asked for instead.

All of them speak of OpenAI's API. They differ in the forms of answer that they know, and in what
they call its length; some refuse to be told a temperature.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from earshot.llm.strict_schema import strict_schema

Form = Literal["json_schema", "json_object", "text"]

# What was refused once may have been so for another reason, or the server is a newer one by now.
FORGET_AFTER_S = 3600.0
_LOOSER: dict[Form, Form] = {"json_schema": "json_object", "json_object": "text"}
# By what a refusal says, in lower case: servers have no more than such words in common.
_OF_LENGTH = ("context_length", "context length", "context window", "context size", "too long")


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way of asking; the first of them is the strictest.

    `room` is how many times as many tokens an answer may have as its form needs: a model that
    thinks before it answers counts both.
    """

    form: Form = "json_schema"
    limit_name: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    names_temperature: bool = True
    room: int = 1

    def parameters(self, schema: dict[str, Any], max_tokens: int) -> dict[str, Any]:
        """What a request has besides the model and the messages."""
        parameters: dict[str, Any] = {self.limit_name: max_tokens * self.room, "stream": False}
        if self.names_temperature:
            parameters["temperature"] = 0
        if self.form == "json_schema":
            described = {"name": "answer", "schema": strict_schema(schema), "strict": True}
            parameters["response_format"] = {"type": "json_schema", "json_schema": described}
        elif self.form == "json_object":
            parameters["response_format"] = {"type": "json_object"}
        return parameters

    def instead(self, complaint: str) -> "Dialect | None":
        """What to try where this was refused with these words, in lower case; None for nothing.

        Leads to None after a few steps, whatever is complained of.
        """
        if is_about_length(complaint):
            return None
        if "max_tokens" in complaint and self.limit_name == "max_tokens":
            return replace(self, limit_name="max_completion_tokens")
        if "temperature" in complaint and self.names_temperature:
            return replace(self, names_temperature=False)
        if self.form in _LOOSER:
            return replace(self, form=_LOOSER[self.form])
        fewest = replace(self, limit_name="max_completion_tokens", names_temperature=False)
        return None if fewest == self else fewest


class LearnedDialect:
    """How an endpoint wants to be asked, as far as it was found out in the last hour.

    Safe to share between threads.
    """

    def __init__(self, first: Dialect, now_s: Callable[[], float] = time.monotonic) -> None:
        self._first = first
        self._now_s = now_s
        self._learned = (first, now_s())

    @property
    def now(self) -> Dialect:
        learned, at_s = self._learned
        return learned if self._now_s() - at_s < FORGET_AFTER_S else self._first

    def remember(self, dialect: Dialect) -> None:
        if dialect != self.now:
            self._learned = (dialect, self._now_s())


def is_about_length(complaint: str) -> bool:
    """Whether it was refused, with these words in lower case, as more than the model can read."""
    return any(word in complaint for word in _OF_LENGTH)


def words_of_refusal(body: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    """What a refusal says for itself, by the fields in which servers say it."""
    if isinstance(body, str):
        yield body
    elif isinstance(body, dict):
        for name in ("error", "message", "param", "code", "detail", "loc", "msg"):
            yield from words_of_refusal(body.get(name))
    elif isinstance(body, list):
        for one in body:
            yield from words_of_refusal(one)
