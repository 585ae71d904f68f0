"""One OpenAI-compatible endpoint: asked, and asked again where that may help."""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from earshot.egress.client import ExchangeLimits, GuardedClient, OutboundRequest
from earshot.egress.policy import AddressPolicy, parse_allow_list
from earshot.egress.target import parse_target
from earshot.errors import (
    AddressRefused,
    LlmAnswerUnusable,
    LlmUnavailable,
    NoAnswer,
    ResponseTooLarge,
)
from earshot.llm.endpoints import LlmEndpoint

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 20.0  # a server that asks for more is taken to be down
MAX_ANSWER_BYTES = 4 * 2**20
CONNECT_TIMEOUT_S = 10.0
AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
# By which servers say that they do not know a `response_format`.
UNKNOWN_FORMAT = frozenset({400, 415, 422, 501})


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    role: str
    content: str = field(repr=False)


class FormatUnknown(Exception):
    """The endpoint refused a request that asked for a form of answer."""


class Budget:
    """Seconds that all questions about one thing may take together."""

    def __init__(self, total_s: float, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._ends_at_s = now_s() + total_s

    @property
    def left_s(self) -> float:
        return self._ends_at_s - self._now_s()


class LlmClient:
    """Asks one endpoint, through the guarded client; safe to share between threads.

    The endpoint may be private: the operator named it. It is never redirected from.
    """

    def __init__(
        self,
        client: GuardedClient,
        endpoint: LlmEndpoint,
        *,
        timeout_s: float,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        """`timeout_s` is for one answer, from the question to its last byte."""
        self.name = endpoint.name
        self._client = client
        self._endpoint = endpoint
        self._timeout_s = timeout_s
        self._wait = wait
        host = parse_target(endpoint.url).host
        self._policy = AddressPolicy(parse_allow_list([host]))

    def complete(
        self,
        messages: list[Message],
        budget: Budget,
        *,
        max_tokens: int,
        response_format: dict[str, Any] | None = None,
    ) -> str:
        """What the model answers.

        Raises FormatUnknown where the endpoint refuses, and a `response_format` was asked for;
        LlmUnavailable where it refuses otherwise, or does not answer within the budget;
        LlmAnswerUnusable where it answers with something else than a completion.
        """
        request = self._request(messages, max_tokens, response_format)
        for attempt in range(MAX_ATTEMPTS):
            outcome = self._attempt(request, budget)
            if isinstance(outcome, bytes):
                return self._content(outcome)
            if outcome.status in UNKNOWN_FORMAT and response_format is not None:
                raise FormatUnknown
            pause_s = outcome.pause_s or FIRST_PAUSE_S * 2**attempt
            self._log(outcome, attempt)
            is_last = attempt + 1 == MAX_ATTEMPTS or pause_s > min(LONGEST_PAUSE_S, budget.left_s)
            if is_last or not outcome.may_pass:
                raise LlmUnavailable(self.name, outcome.reason)
            self._wait(pause_s)
        raise AssertionError("the last attempt returns or raises")

    def _request(
        self,
        messages: list[Message],
        max_tokens: int,
        response_format: dict[str, Any] | None,
    ) -> OutboundRequest:
        body: dict[str, Any] = {
            "model": self._endpoint.model,
            "messages": [{"role": one.role, "content": one.content} for one in messages],
            "max_tokens": max_tokens,
            "temperature": 0,
            "stream": False,
        }
        if response_format is not None:
            body["response_format"] = response_format
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._endpoint.key is not None:
            headers["Authorization"] = f"Bearer {self._endpoint.key}"
        return OutboundRequest(
            url=f"{self._endpoint.url}/chat/completions",
            method="POST",
            headers=headers,
            body=json.dumps(body).encode(),
        )

    def _attempt(self, request: OutboundRequest, budget: Budget) -> "bytes | _Failure":
        total_s = min(self._timeout_s, budget.left_s)
        if total_s <= 0:
            return _Failure("the time for it is over")
        limits = ExchangeLimits(
            total_s=total_s, connect_s=min(CONNECT_TIMEOUT_S, total_s), read_s=total_s
        )
        try:
            with self._client.open(request, policy=self._policy, limits=limits) as response:
                if response.status == HTTPStatus.OK:
                    return b"".join(response.chunks(MAX_ANSWER_BYTES))
                return _Failure(
                    f"it answered with status {response.status}",
                    status=response.status,
                    pause_s=_seconds(response.headers.get("retry-after", "")),
                    may_pass=response.status in AGAIN,
                )
        except NoAnswer:
            return _Failure("no answer came", may_pass=True)
        except AddressRefused:
            return _Failure("its address may not be connected to")
        except ResponseTooLarge:
            return _Failure("its answer is too large")

    def _content(self, answer: bytes) -> str:
        try:
            content = json.loads(answer)["choices"][0]["message"]["content"]
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise LlmAnswerUnusable(self.name) from error
        if not isinstance(content, str):
            raise LlmAnswerUnusable(self.name)
        return content

    def _log(self, failure: "_Failure", attempt: int) -> None:
        fields = {"endpoint": self.name, "reason": failure.reason, "attempt": attempt + 1}
        logger.warning("llm_failed", extra=fields)


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why one attempt had no answer; `may_pass` says whether the next one may have."""

    reason: str
    status: int | None = None
    pause_s: float | None = None
    may_pass: bool = False


def _seconds(retry_after: str) -> float | None:
    """The whole seconds that a `Retry-After` asks for; None for a date, or nothing."""
    is_number = retry_after.isascii() and retry_after.isdigit()
    return float(retry_after) if is_number and int(retry_after) > 0 else None
