"""`llm_gateway` of a live session: what a language model says to each turn that has ended."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from earshot.accounts.usage import UsageOwner
from earshot.api.chat import NONE_SET_UP, answer_whole
from earshot.api.live_admission import Admission
from earshot.api.schemas.chat import ChatParameters, parse_chat, passed_on
from earshot.api.schemas.live_messages import JsonObject
from earshot.api.schemas.live_parameters import invalid_parameter
from earshot.api.services import ApiServices
from earshot.errors import CallerError, EarshotError, RequestInvalid
from earshot.llm.client import Budget, LlmClient
from earshot.storage.database import map_database_errors, reading
from earshot.storage.projects import find_project
from earshot.streaming.events import TurnUpdated

logger = logging.getLogger(__name__)

TURN: Final = "{{turn}}"
"""What stands for the transcript of the turn, as in the compatible API."""

ANSWER_S: Final = 30.0  # people have gone on speaking by then
LAST_S: Final = 4.0  # clients wait for the end of a session for 5 s
MAX_WAITING: Final = 50
NAME: Final = "llm_gateway"
TOO_LATE: Final = "The session ended before the language model answered"

Tell = Callable[[JsonObject], None]


@dataclass(frozen=True, slots=True)
class TurnRequest:
    """What is asked about each turn."""

    wire: ChatParameters
    body: Mapping[str, Any] = field(repr=False)

    def about(self, transcript: str) -> dict[str, Any]:
        """The request about that turn: it comes last where nothing stands in its place."""
        asked = passed_on(self.wire, self.body)
        has_place = any(TURN in (one["content"] or "") for one in asked["messages"])
        for one in asked["messages"]:
            one["content"] = one["content"] and one["content"].replace(TURN, transcript)
        if not has_place:
            asked["messages"].append({"role": "user", "content": transcript})
        return asked


def read_turn_request(raw: str) -> TurnRequest:
    """The request in the parameter; SessionFault where it breaks a rule."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise invalid_parameter(NAME, "it must be JSON") from None
    if not isinstance(body, dict):
        raise invalid_parameter(NAME, "it must be an object")
    body = {name: value for name, value in body.items() if name != "stream"}
    try:
        wire = parse_chat(body)
        passed_on(wire, body)
    except RequestInvalid as error:
        raise invalid_parameter(NAME, str(error)) from None
    return TurnRequest(wire, body)


async def prepare_answers(
    services: ApiServices, admission: Admission, raw: str | None
) -> "Answering | None":
    """What makes the answers of a session; None where none are asked for.

    SessionFault where the request breaks a rule, or no model works for the project.
    """
    if raw is None:
        return None
    request = read_turn_request(raw)
    client = await asyncio.to_thread(_find_client, services, admission.project_id, request)
    owner = UsageOwner(admission.project_id, admission.key_id)
    return partial(TurnAnswers, services, owner, client, request)


def _find_client(services: ApiServices, project_id: str, request: TurnRequest) -> LlmClient:
    with map_database_errors(), reading(services.engine) as conn:
        project = find_project(conn, project_id)
    models = services.language_models
    client = None
    if models is not None and project is not None and project.deleted_at is None:
        client = models.client_of(project.name, request.wire.model)
    if client is None:
        raise invalid_parameter(NAME, NONE_SET_UP)
    return client


class TurnAnswers:
    """Asks about the turns of one session, one after the other, beside the session itself."""

    def __init__(
        self,
        services: ApiServices,
        owner: UsageOwner,
        client: LlmClient,
        request: TurnRequest,
        tell: Tell,
    ) -> None:
        self._services = services
        self._owner = owner
        self._client = client
        self._request = request
        self._tell = tell
        self._waiting: asyncio.Queue[tuple[int, str]] = asyncio.Queue()
        self._unanswered: dict[int, str] = {}  # by the number of the turn
        self._budget: Budget | None = None  # of the last question
        # A thread of its own: those that sessions are written down with must not wait for a model.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="turn-answers")

    def hear(self, turn: TurnUpdated) -> None:
        """Ask about the turn if it has ended, in its last form."""
        if not turn.is_end or turn.formatted_follows or not turn.transcript.strip():
            return
        if self._waiting.qsize() >= MAX_WAITING:
            self._tell(self._fault(turn.turn_order, turn.transcript, "Too many turns are waiting"))
            return
        self._unanswered[turn.turn_order] = turn.transcript
        self._waiting.put_nowait((turn.turn_order, turn.transcript))

    async def run(self) -> None:
        """Answer what is heard, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            turn_order, transcript = await self._waiting.get()
            self._budget = Budget(ANSWER_S)
            answer = partial(self._answer, turn_order, transcript, self._budget)
            message = await loop.run_in_executor(self._thread, answer)
            if self._unanswered.pop(turn_order, None) is not None:
                self._tell(message)
            self._waiting.task_done()

    async def finish(self, last_s: float = LAST_S) -> None:
        """Wait for the last answers, for as long as a client does; tell which do not come."""
        with suppress(TimeoutError):
            async with asyncio.timeout(last_s):
                await self._waiting.join()
        while self._unanswered:
            turn_order = next(iter(self._unanswered))
            transcript = self._unanswered.pop(turn_order)
            status = HTTPStatus.SERVICE_UNAVAILABLE
            self._tell(self._fault(turn_order, transcript, TOO_LATE, status))

    def close(self) -> None:
        """Take back what is asked: nobody waits for it any more, and others may for the model."""
        if self._budget is not None:
            self._budget.give_up()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _answer(self, turn_order: int, transcript: str, budget: Budget) -> JsonObject:
        asked, wire = self._request.about(transcript), self._request.wire
        try:
            with map_database_errors():
                answer = answer_whole(
                    self._services, self._owner, self._client, wire, asked, budget
                )
        except EarshotError as error:
            is_theirs = isinstance(error, CallerError)
            status = HTTPStatus.BAD_REQUEST if is_theirs else HTTPStatus.SERVICE_UNAVAILABLE
            return self._fault(turn_order, transcript, str(error), status)
        return _message(turn_order, transcript, answer.model_dump(mode="json"))

    def _fault(
        self,
        turn_order: int,
        transcript: str,
        text: str,
        status: HTTPStatus = HTTPStatus.TOO_MANY_REQUESTS,
    ) -> JsonObject:
        logger.warning("turn_without_answer", extra={"endpoint": self._client.name})
        error = {"code": int(status), "message": text, "metadata": {"errors": [text]}}
        return _message(turn_order, transcript, {"error": error})


def _message(turn_order: int, transcript: str, data: JsonObject) -> JsonObject:
    return {
        "turn_order": turn_order,
        "transcript": transcript,
        "data": data,
        "type": "LLMGatewayResponse",
    }


Answering = Callable[[Tell], TurnAnswers]
"""What makes the answers of a session from the way in which its client is told something."""
