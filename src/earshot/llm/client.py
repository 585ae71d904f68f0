"""One OpenAI-compatible endpoint: asked, and asked again where that may help."""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import BoundedSemaphore, Event
from typing import Any

from earshot.egress.client import (
    ExchangeLimits,
    GuardedClient,
    GuardedResponse,
    OutboundRequest,
)
from earshot.egress.policy import AddressPolicy, parse_allow_list
from earshot.egress.target import parse_target
from earshot.errors import (
    AddressRefused,
    LlmAnswerUnusable,
    LlmUnavailable,
    NoAnswer,
    NotReached,
    ResponseTooLarge,
)
from earshot.llm.dialects import words_of_refusal
from earshot.llm.endpoints import LlmEndpoint
from earshot.llm.usage import Usage, UsageMeter, estimate_usage, usage_in

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 20.0  # a server that asks for more is taken to be down
REST_S = 60.0  # in which one that is down is not asked: many transcripts may be waiting for it
AT_ONCE = 4
MAX_ANSWER_BYTES = 4 * 2**20
MAX_STREAM_BYTES = 64 * 2**20  # each token comes with a few hundred bytes around it
MAX_REFUSAL_BYTES = 2**16
CONNECT_TIMEOUT_S = 10.0
LOOK_S = 0.5  # how often who waits in line looks whether it is still waited for
AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
# Some servers answer so to what they cannot make sense of: another question may fare better.
OF_ONE_QUESTION = frozenset({409, 500})
_MAX_DIGITS = 9  # of seconds; Python refuses to read numbers of thousands of digits
# By which servers say that they do not know what the request asks for.
REFUSALS = frozenset({400, 415, 422, 501})


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    role: str
    content: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Completion:
    """What the model answered; `is_cut_off` where it was not done when its tokens were.

    `usage` is what the endpoint says of it; an estimate where it says nothing.
    """

    text: str = field(repr=False)
    is_cut_off: bool = False
    usage: Usage = field(default_factory=Usage, compare=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """The endpoint refuses the request as it was put; `complaint` is what it says, in lower case.

    That may quote what was asked: it is not for a log.
    """

    status: int
    complaint: str = field(repr=False)


def _always_wanted() -> None:
    """Nobody can have taken the request back."""


class Budget:
    """Seconds that all questions about one thing may take together, and the tokens they took."""

    def __init__(
        self,
        total_s: float,
        require_wanted: Callable[[], None] = _always_wanted,
        *,
        meter: UsageMeter | None = None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """`require_wanted` is called before anything is sent, and raises to have nothing sent.

        It is that of the `FinishedTranscript` which the questions are about, as is the `meter`,
        which counts what `LlmClient.complete` was answered.
        """
        self.require_wanted = require_wanted
        self.meter = meter or UsageMeter()
        self._now_s = now_s
        self._ends_at_s = now_s() + total_s
        self._is_given_up = Event()

    def give_up(self) -> None:
        """Nobody waits for the answers any more: what is under way ends within a second or so."""
        self._is_given_up.set()

    def wait(self, pause_s: float) -> None:
        """Return after so long, or once it is given up."""
        self._is_given_up.wait(pause_s)

    @property
    def left_s(self) -> float:
        """How long answers are still waited for; 0, or less, where nobody does any more."""
        return 0.0 if self._is_given_up.is_set() else self._ends_at_s - self._now_s()


class LlmClient:
    """Asks one endpoint, through the guarded client; safe to share between threads.

    The endpoint may be private: the operator named it. It is never redirected from. One that is
    down is left alone for `REST_S`: until then every question fails at once.
    """

    def __init__(
        self,
        client: GuardedClient,
        endpoint: LlmEndpoint,
        *,
        timeout_s: float,
        at_once: int = AT_ONCE,
        wait: Callable[[float], None] | None = None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """`timeout_s` is for one answer, from the question to its last byte.

        `at_once` questions are put at a time; the others wait for their turn. Between two attempts
        the budget is made to `wait`, unless something else is to do it.
        """
        self.name = endpoint.name
        self.model = endpoint.model
        self._client = client
        self._endpoint = endpoint
        self._timeout_s = timeout_s
        self._turns = BoundedSemaphore(at_once)
        self._wait = wait
        self._now_s = now_s
        self._rests_until_s = now_s()
        host = parse_target(endpoint.url).host
        self._policy = AddressPolicy(parse_allow_list([host]))

    def complete(
        self, messages: list[Message], budget: Budget, parameters: Mapping[str, Any]
    ) -> Completion | Refusal:
        """What the model answers to the messages, asked with these parameters of the API.

        Raises LlmUnavailable where it does not answer within the budget, or will not before
        somebody has mended something; LlmAnswerUnusable where it answers with something else than
        a completion; and what the budget raises where the answer is not wanted any more.
        """
        put = [{"role": one.role, "content": one.content} for one in messages]
        outcome = self.post({"messages": put, **parameters}, budget)
        if isinstance(outcome, Refusal):
            return outcome
        completion = self._completion(outcome, messages)
        budget.meter.add(self.model, completion.usage)
        return completion

    def post(
        self, body: Mapping[str, Any], budget: Budget, *, is_of_caller: bool = False
    ) -> bytes | Refusal:
        """The body of the answer to a request with this body, to which the model is added.

        One that `is_of_caller`, in their own words, may ask for so much that it takes all of the
        time: that tells nothing of the server. Raises as `complete` does, but for what the answer
        holds.
        """
        request = self._request(body)
        for attempt in range(MAX_ATTEMPTS):
            outcome = self._attempt(request, budget, is_of_caller=is_of_caller)
            if not isinstance(outcome, _Failure):
                return outcome
            pause_s = outcome.pause_s or FIRST_PAUSE_S * 2**attempt
            self._log(outcome, attempt)
            is_last = attempt + 1 == MAX_ATTEMPTS or pause_s > min(LONGEST_PAUSE_S, budget.left_s)
            if is_last or not outcome.may_pass:
                if outcome.is_down:
                    self._rests_until_s = self._now_s() + REST_S
                raise LlmUnavailable(self.name, outcome.reason)
            wait = budget.wait if self._wait is None else self._wait
            wait(pause_s)
        raise AssertionError("the last attempt returns or raises")

    @contextmanager
    def streaming(
        self, body: Mapping[str, Any], budget: Budget
    ) -> Iterator[Iterator[bytes] | Refusal]:
        """As `post`, but the body of the answer comes while it is read, and is asked for once.

        The iterator raises NoAnswer where it breaks off, and ResponseTooLarge.
        """
        request, total_s = self._request(body), min(self._timeout_s, budget.left_s)
        with self._turn(budget) as has_turn, ExitStack() as stack:
            if not has_turn or budget.left_s <= 0:
                raise LlmUnavailable(self.name, "the time for it is over")
            if self._now_s() < self._rests_until_s:
                raise LlmUnavailable(self.name, "it was down a moment ago")
            try:
                response = stack.enter_context(
                    self._client.open(
                        request,
                        policy=self._policy,
                        limits=_limits_of(budget, budget.left_s, total_s),
                    )
                )
            except (NoAnswer, AddressRefused) as error:
                raise LlmUnavailable(self.name, "no answer came") from error
            if response.status in REFUSALS:
                yield Refusal(response.status, _complaint(response))
            elif response.status != HTTPStatus.OK:
                raise LlmUnavailable(self.name, f"it answered with status {response.status}")
            else:
                yield response.chunks(MAX_STREAM_BYTES)

    def _request(self, asked: Mapping[str, Any]) -> OutboundRequest:
        body = {"model": self._endpoint.model, **asked}
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._endpoint.key is not None:
            headers["Authorization"] = f"Bearer {self._endpoint.key}"
        return OutboundRequest(
            url=f"{self._endpoint.url}/chat/completions",
            method="POST",
            headers=headers,
            body=json.dumps(body).encode(),
        )

    def _attempt(
        self, request: OutboundRequest, budget: Budget, *, is_of_caller: bool
    ) -> "bytes | Refusal | _Failure":
        with self._turn(budget) as has_turn:
            if not has_turn or budget.left_s <= 0:
                return _Failure("the time for it is over")
            if self._now_s() < self._rests_until_s:
                return _Failure("it was down a moment ago")
            budget.require_wanted()
            total_s = min(self._timeout_s, budget.left_s)
            began_s = self._now_s()
            try:
                return self._exchange(request, total_s, budget)
            except NoAnswer as error:
                is_too_slow = self._now_s() - began_s >= 0.9 * total_s
                # Who let all of the time pass has had it.
                may_pass = not is_too_slow and budget.left_s > 0
                # Where it breaks off, that may be over this question: another may fare better.
                is_down = may_pass and isinstance(error, NotReached)
                # Who waited for less than an answer may take does not know that it is down.
                if is_too_slow and total_s >= self._timeout_s:
                    is_down = not is_of_caller
                return _Failure("no answer came", may_pass=may_pass, is_down=is_down)
            except AddressRefused:
                return _Failure("its address may not be connected to")
            except ResponseTooLarge:
                return _Failure("its answer is too large")

    @contextmanager
    def _turn(self, budget: Budget) -> Iterator[bool]:
        """Whether it is our turn to ask, which it stays until the end of the block."""
        has_turn = self._turns.acquire(blocking=False)
        while not has_turn and budget.left_s > 0:
            has_turn = self._turns.acquire(timeout=min(LOOK_S, budget.left_s))
        try:
            yield has_turn
        finally:
            if has_turn:
                self._turns.release()

    def _exchange(
        self, request: OutboundRequest, total_s: float, budget: Budget
    ) -> "bytes | Refusal | _Failure":
        limits = _limits_of(budget, total_s, total_s)
        with self._client.open(request, policy=self._policy, limits=limits) as response:
            if response.status == HTTPStatus.OK:
                return b"".join(response.chunks(MAX_ANSWER_BYTES))
            if response.status in REFUSALS:
                return Refusal(response.status, _complaint(response))
            may_pass = response.status in AGAIN
            return _Failure(
                f"it answered with status {response.status}",
                pause_s=_seconds(response.headers.get("retry-after", "")),
                may_pass=may_pass,
                is_down=may_pass and response.status not in OF_ONE_QUESTION,
            )

    def _completion(self, answer: bytes, messages: list[Message]) -> Completion:
        try:
            read = json.loads(answer)
            choice = read["choices"][0]
            content, reason = choice["message"].get("content"), choice.get("finish_reason")
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise LlmAnswerUnusable(self.name) from error
        is_cut_off = reason == "length"
        if content is None and is_cut_off:
            content = ""  # it was still thinking
        if not isinstance(content, str):
            raise LlmAnswerUnusable(self.name)
        told = usage_in(read.get("usage"))
        used = told or estimate_usage([one.content for one in messages], content)
        return Completion(content, is_cut_off, used)

    def _log(self, failure: "_Failure", attempt: int) -> None:
        fields = {"endpoint": self.name, "reason": failure.reason, "attempt": attempt + 1}
        logger.warning("llm_failed", extra=fields)


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why one attempt had no answer; `may_pass` says whether the next one may have.

    `is_down` says that it is not about this question: another one would fare no better.
    """

    reason: str
    pause_s: float | None = None
    may_pass: bool = False
    is_down: bool = False


def _limits_of(budget: Budget, total_s: float, read_s: float) -> ExchangeLimits:
    return ExchangeLimits(
        total_s=total_s,
        connect_s=min(CONNECT_TIMEOUT_S, total_s),
        read_s=read_s,
        is_wanted=lambda: budget.left_s > 0,
    )


def _complaint(response: GuardedResponse) -> str:
    try:
        body = b"".join(response.chunks(MAX_REFUSAL_BYTES))
        words = " ".join(words_of_refusal(json.loads(body)))
    except (ValueError, RecursionError, ResponseTooLarge):
        return ""
    return words.lower()


def _seconds(retry_after: str) -> float | None:
    """The whole seconds that a `Retry-After` asks for; None for a date, nonsense, or nothing."""
    is_number = retry_after.isascii() and retry_after.isdigit() and len(retry_after) <= _MAX_DIGITS
    return float(retry_after) if is_number and int(retry_after) > 0 else None
