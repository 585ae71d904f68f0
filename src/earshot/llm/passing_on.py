"""A caller's own request, put to an endpoint: the answer as it is, whole or as it is written."""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

from earshot.errors import LlmAnswerUnusable, NoAnswer, ResponseTooLarge
from earshot.llm.client import Budget, LlmClient, Refusal
from earshot.llm.usage import Usage, estimate_tokens, tokens_of_chars, usage_in

logger = logging.getLogger(__name__)

BROKEN_OFF = "The language model broke off"
MAX_EVENT_BYTES = 2**20  # a whole answer is less; each is searched for its end as it grows
_DATA = b"data:"
_END = b"[DONE]"


def ask_for_all(
    client: LlmClient, asked: Mapping[str, Any], budget: Budget
) -> dict[str, Any] | Refusal:
    """The whole answer; raises LlmFailed."""
    while True:
        come = client.post(asked, budget, is_of_caller=True)
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
    choices = answer.get("choices") if isinstance(answer, dict) else None
    if not isinstance(choices, list) or not choices:
        raise LlmAnswerUnusable(client.name)
    return dict(answer)


def used_for(asked: Mapping[str, Any], answer: Mapping[str, Any]) -> Usage:
    """What an answer took, as the endpoint tells it; an estimate where it does not."""
    n_written = sum(_n_chars_of(one, "message") for one in answer["choices"])
    estimate = Usage(_n_read_for(asked), tokens_of_chars(n_written))
    return usage_in(answer.get("usage")) or estimate


class LlmStream:
    """An answer that comes while it is written; to be closed, whatever becomes of it.

    It is made of whole events: where the endpoint breaks off, or sends what is no event, the last
    one says so, and the end mark is missing.
    """

    def __init__(
        self,
        name: str,
        come: Iterator[bytes],
        closing: ExitStack,
        asked: Mapping[str, Any],
        *,
        tells_usage: bool,
    ) -> None:
        self._name = name
        self._come = come
        self._closing = closing
        self._tells_usage = tells_usage
        self._told: Usage | None = None
        self._n_read = _n_read_for(asked)
        self._n_written_chars = 0

    @property
    def usage(self) -> Usage:
        """What it took so far: as the endpoint tells it at the end, before that an estimate."""
        return self._told or Usage(self._n_read, tokens_of_chars(self._n_written_chars))

    def __iter__(self) -> Iterator[bytes]:
        has_ended = False
        try:
            for data in _data_in(self._come):
                if data == _END:
                    has_ended = True
                elif not self._is_to_be_told(data):
                    continue
                yield _DATA + b" " + data + b"\n\n"
        except (NoAnswer, ResponseTooLarge) as error:
            logger.warning("llm_broke_off", extra={"endpoint": self._name, "reason": error.code})
        except (ValueError, RecursionError):
            logger.warning("llm_broke_off", extra={"endpoint": self._name, "reason": "no_event"})
        if not has_ended:
            fault = {"code": 502, "message": BROKEN_OFF, "metadata": {"errors": [BROKEN_OFF]}}
            yield b"data: " + json.dumps({"error": fault}).encode() + b"\n\n"

    def close(self) -> None:
        self._closing.close()

    def _is_to_be_told(self, data: bytes) -> bool:
        """False of what has been asked for by us alone; ValueError for what is no event."""
        event = json.loads(data)
        if not isinstance(event, dict):
            raise ValueError("not an object")  # noqa: TRY004 -- as what is no JSON
        self._told = usage_in(event.get("usage")) or self._told
        choices = event.get("choices")
        if isinstance(choices, list):
            self._n_written_chars += sum(_n_chars_of(one, "delta") for one in choices)
        # Programs look at the first choice of each event, and one with the usage has none.
        return self._tells_usage or choices != []


def ask_for_stream(
    client: LlmClient, asked: Mapping[str, Any], budget: Budget, *, tells_usage: bool = False
) -> LlmStream | Refusal:
    """The answer as it is written, once it has begun; raises LlmUnavailable before that.

    What it took is told at its end if it `tells_usage`, in an event without an answer.
    """
    while True:
        with ExitStack() as stack:
            come = stack.enter_context(client.streaming(asked, budget))
            if not isinstance(come, Refusal):
                closing = stack.pop_all()
                return LlmStream(client.name, come, closing, asked, tells_usage=tells_usage)
        looser = _instead(asked, come)
        if looser is None:
            return come
        asked = looser


def _data_in(come: Iterator[bytes]) -> Iterator[bytes]:
    """What each event holds; ResponseTooLarge where one has no end."""
    waiting = bytearray()
    for chunk in come:
        *lines, rest = chunk.split(b"\n")
        if lines:
            lines[0] = bytes(waiting) + lines[0]
            waiting.clear()
        waiting += rest
        yield from _data_of(lines)
        if len(waiting) > MAX_EVENT_BYTES:
            raise ResponseTooLarge(MAX_EVENT_BYTES)
    yield from _data_of([bytes(waiting)])  # some end without a line break


def _data_of(lines: list[bytes]) -> Iterator[bytes]:
    for line in map(bytes.strip, lines):
        if line.startswith(_DATA):
            yield line[len(_DATA) :].strip()


def _n_chars_of(choice: Any, where: str) -> int:  # noqa: ANN401 - any JSON value
    """How much a model wrote in one choice, the arguments of tools included."""
    written = choice.get(where) if isinstance(choice, dict) else None
    if not isinstance(written, dict):
        return 0
    content, calls = written.get("content"), written.get("tool_calls")
    n_content = len(content) if isinstance(content, str) else 0
    return n_content + (len(json.dumps(calls)) if calls else 0)


def _n_read_for(asked: Mapping[str, Any]) -> int:
    """About how many tokens the model is given to read."""
    texts = [str(one.get("content") or "") for one in asked.get("messages", ())]
    tools = [json.dumps(asked["tools"])] if asked.get("tools") else []
    return sum(map(estimate_tokens, (*texts, *tools)))


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
