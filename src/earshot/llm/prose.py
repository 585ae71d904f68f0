"""Answers in plain words, from one endpoint, with what they took."""

import re
from dataclasses import dataclass, field, replace

from earshot.errors import LlmAnswerUnusable, LlmUnavailable
from earshot.llm.client import Budget, Completion, LlmClient, Message, Usage
from earshot.llm.dialects import Dialect

# A thought that was not finished is one, too.
_THOUGHTS = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
# What cannot be written down: a model may write it as an escape.
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
THINKING_ROOM = 4
# What English text has on average; servers that do not count are rare.
CHARS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Prose:
    """What a model wrote, thoughts aside, and what it took; an estimate where it is not told."""

    text: str = field(repr=False)
    usage: Usage
    is_cut_off: bool = False


class LlmWriter:
    """Has one endpoint write; safe to share between threads.

    How the endpoint wants to be asked is found out by asking, and remembered.
    """

    def __init__(self, client: LlmClient) -> None:
        self._client = client
        self._learned = Dialect(form="text")

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
        temperature: float = 0.0,
    ) -> Prose:
        """What the model writes about the material, which goes in a message of its own.

        Raises LlmUnavailable, and LlmAnswerUnusable where nothing but thoughts come.
        """
        messages = [Message("system", instructions), Message("user", material)]
        used = Usage()
        for room in sorted({self._learned.room, THINKING_ROOM}):
            dialect = replace(self._learned, room=room)
            dialect, come = self._complete(messages, budget, dialect, max_tokens, temperature)
            text = _UNWRITABLE.sub("\ufffd", _THOUGHTS.sub("", come.text)).strip()
            used += come.usage or _estimate(messages, come.text)
            if text:
                self._learned = dialect
                return Prose(text, used, come.is_cut_off)
            if not come.is_cut_off:
                break
        raise LlmAnswerUnusable(self.name)

    def _complete(
        self,
        messages: list[Message],
        budget: Budget,
        dialect: Dialect,
        max_tokens: int,
        temperature: float,
    ) -> tuple[Dialect, Completion]:
        """The dialect in which it answers, and what."""
        while True:
            parameters = dialect.parameters({}, max_tokens)
            if "temperature" in parameters:
                parameters["temperature"] = temperature
            outcome = self._client.complete(messages, budget, parameters)
            if isinstance(outcome, Completion):
                return dialect, outcome
            looser = dialect.instead(outcome.complaint)
            if looser is None:
                raise LlmUnavailable(self.name, f"it answered with status {outcome.status}")
            dialect = looser


def estimate_tokens(text: str) -> int:
    """About as many as a model would count."""
    return -(-len(text) // CHARS_PER_TOKEN)


def _estimate(messages: list[Message], written: str) -> Usage:
    read = sum(estimate_tokens(one.content) for one in messages)
    return Usage(read, estimate_tokens(written))
