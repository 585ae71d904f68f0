"""Answers in plain words, from one endpoint, with what they took."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from earshot.errors import LlmAnswerUnusable, LlmRequestTooLong, LlmUnavailable
from earshot.llm.client import Budget, Completion, LlmClient, Message
from earshot.llm.dialects import Dialect, LearnedDialect, is_about_length
from earshot.llm.usage import Usage

# A thought that was not finished is one, too.
_THOUGHTS = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
# What cannot be written down: a model may write it as an escape.
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
THINKING_ROOM = 4


@dataclass(frozen=True, slots=True)
class Prose:
    """What a model wrote, thoughts aside, and what it took; an estimate where it is not told.

    `has_own_temperature` where it takes none from others, and was given one.
    """

    text: str = field(repr=False)
    usage: Usage
    is_cut_off: bool = False
    has_own_temperature: bool = False


class LlmWriter:
    """Has one endpoint write; safe to share between threads.

    How the endpoint wants to be asked is found out by asking, and remembered for an hour.
    """

    def __init__(self, client: LlmClient, now_s: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._learned = LearnedDialect(Dialect(form="text"), now_s)

    @property
    def name(self) -> str:
        """That of the endpoint."""
        return self._client.name

    @property
    def model(self) -> str:
        return self._client.model

    def write(
        self,
        instructions: str,
        material: str,
        budget: Budget,
        *,
        max_tokens: int,
        temperature: float | None = None,
    ) -> Prose:
        """What the model writes about the material, which goes in a message of its own.

        Raises LlmUnavailable, LlmRequestTooLong, and LlmAnswerUnusable where nothing but thoughts
        come.
        """
        messages = [Message("system", instructions), Message("user", material)]
        used, dialect = Usage(), self._learned.now
        for room in sorted({dialect.room, THINKING_ROOM}):
            dialect = replace(dialect, room=room)
            dialect, come = self._complete(messages, budget, dialect, max_tokens, temperature)
            text = _UNWRITABLE.sub("\ufffd", _THOUGHTS.sub("", come.text)).strip()
            used += come.usage
            if text:
                self._learned.remember(dialect)
                is_deaf = temperature is not None and not dialect.names_temperature
                return Prose(text, used, come.is_cut_off, has_own_temperature=is_deaf)
            if not come.is_cut_off:
                break
        raise LlmAnswerUnusable(self.name)

    def _complete(
        self,
        messages: list[Message],
        budget: Budget,
        dialect: Dialect,
        max_tokens: int,
        temperature: float | None,
    ) -> tuple[Dialect, Completion]:
        """The dialect in which it answers, and what."""
        while True:
            parameters = dialect.parameters({}, max_tokens)
            if "temperature" in parameters and temperature is not None:
                parameters["temperature"] = temperature
            outcome = self._client.complete(messages, budget, parameters)
            if isinstance(outcome, Completion):
                return dialect, outcome
            looser = dialect.instead(outcome.complaint)
            if looser is None and is_about_length(outcome.complaint):
                raise LlmRequestTooLong(self.name)
            if looser is None:
                raise LlmUnavailable(self.name, f"it answered with status {outcome.status}")
            dialect = looser
