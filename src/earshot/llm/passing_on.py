"""A caller's own request, put to an endpoint: the answer as it is, whole or as it is written."""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

from earshot.errors import LlmAnswerUnusable, NoAnswer, ResponseTooLarge
from earshot.llm.client import Budget, LlmClient, Refusal, Usage, usage_in

logger = logging.getLogger(__name__)

BROKEN_OFF = "The language model broke off"
_DATA = b"data:"
_END = b"[DONE]"


def ask_for_all(
    client: LlmClient, asked: Mapping[str, Any], budget: Budget
) -> dict[str, Any] | Refusal:
    """The whole answer; raises LlmFailed."""
    while True:
        come = client.post(asked, budget)
        looser = _instead(asked, come)
        if looser is None:
            break
        asked = looser
    if isinstance(come, Refusal):
        return come
    try:
        answer = _writable(json.loads(come))
    except (ValueError, RecursionError) as error:
        raise LlmAnswerUnusable(client.name) from error
    if not isinstance(answer, dict) or not isinstance(answer.get("choices"), list):
        raise LlmAnswerUnusable(client.name)
    return answer


class LlmStream:
    """An answer that comes while it is written; to be closed, whatever becomes of it.

    It is made of whole events: where the endpoint breaks off, the last one says so, and the end
    mark is missing. `usage` is known after the end, if the endpoint told it.
    """

    def __init__(self, name: str, come: Iterator[bytes], closing: ExitStack) -> None:
        self._name = name
        self._come = come
        self._closing = closing
        self.usage: Usage | None = None

    def __iter__(self) -> Iterator[bytes]:
        waiting, has_ended = b"", False
        try:
            for chunk in self._come:
                *lines, waiting = (waiting + chunk).split(b"\n")
                for line in lines:
                    data = line.strip()
                    if data.startswith(_DATA):
                        has_ended = has_ended or data[len(_DATA) :].strip() == _END
                        self._look_for_usage(data[len(_DATA) :])
                        yield data + b"\n\n"
        except (NoAnswer, ResponseTooLarge) as error:
            logger.warning("llm_broke_off", extra={"endpoint": self._name, "reason": error.code})
        if not has_ended:
            fault = {"code": 502, "message": BROKEN_OFF, "metadata": {"errors": [BROKEN_OFF]}}
            yield b"data: " + json.dumps({"error": fault}).encode() + b"\n\n"

    def close(self) -> None:
        self._closing.close()

    def _look_for_usage(self, data: bytes) -> None:
        try:
            event = json.loads(data)
        except (ValueError, RecursionError):
            return
        if isinstance(event, dict):
            self.usage = usage_in(event.get("usage")) or self.usage


def ask_for_stream(
    client: LlmClient, asked: Mapping[str, Any], budget: Budget
) -> LlmStream | Refusal:
    """The answer as it is written, once it has begun; raises LlmUnavailable before that."""
    while True:
        with ExitStack() as stack:
            come = stack.enter_context(client.streaming(asked, budget))
            if not isinstance(come, Refusal):
                return LlmStream(client.name, come, stack.pop_all())
        looser = _instead(asked, come)
        if looser is None:
            return come
        asked = looser


def _writable(answer: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The answer with a mark for what UTF-8 has not: a model may write that as an escape."""
    return json.loads(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace"))


def _instead(asked: Mapping[str, Any], come: object) -> Mapping[str, Any] | None:
    """What to ask where words of ours were refused, and not the caller's; None for nothing."""
    if not isinstance(come, Refusal):
        return None
    if "max_tokens" in come.complaint and "max_tokens" in asked:
        rest = {name: value for name, value in asked.items() if name != "max_tokens"}
        return {**rest, "max_completion_tokens": asked["max_tokens"]}
    if "stream_options" in come.complaint and "stream_options" in asked:
        return {name: value for name, value in asked.items() if name != "stream_options"}
    return None
