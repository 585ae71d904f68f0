"""One live session: moves audio and messages between its socket and its state machine."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import ExitStack, suppress
from datetime import timedelta
from functools import partial
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from earshot.api.faults import CANCELLED, Close, FaultKind, SessionFault
from earshot.api.live_admission import Admission, admit, require_live_key, use_token
from earshot.api.live_answers import Answering, prepare_answers
from earshot.api.live_audio import open_audio
from earshot.api.live_driver import FINISH_S, LiveDriver
from earshot.api.live_plan import Dialect, SessionFacts, SessionPlan
from earshot.api.live_record import SessionRecord
from earshot.api.live_services import DEFAULT_LIMITS, LiveServices, load_live
from earshot.api.live_watch import SessionWatch
from earshot.api.outbox import Outbox
from earshot.api.schemas.live_messages import (
    Audio,
    ForceEndpoint,
    KeepAlive,
    Terminate,
    Update,
    speaker_revision_message,
    speech_started_message,
    turn_message,
)
from earshot.api.services import ApiServices
from earshot.api.urls import allows_private_hosts
from earshot.api.viewers import Viewers
from earshot.streaming.events import SpeakersRevised, SpeechStarted, Told, TurnUpdated

logger = logging.getLogger(__name__)

NOTE_S: Final = 10.0  # what is not counted of a session whose server is killed

ENDED: Final = Close(1000, "Session Ended")
STOPPED: Final = Close(1001, "The server is shutting down")
GONE: Final = Close(1006, "")  # RFC 6455: never sent, only noted
CANCELLED_FAULT: Final = SessionFault(FaultKind.SERVER_FAULT, CANCELLED)
TOO_SLOW: Final = SessionFault(
    FaultKind.SERVER_FAULT, "Session Cancelled: The client reads too slowly"
)
Ending = Close | SessionFault


async def serve_live(socket: WebSocket, services: ApiServices, dialect: Dialect) -> None:
    """Hold one session on that socket, from the handshake to its end."""
    await socket.accept()  # at once, whatever follows: "auth is checked after the 101 upgrade"
    limits = DEFAULT_LIMITS if services.live is None else services.live.limits
    connection = _Socket(socket, dialect, limits.flush_s)
    try:
        live = _require_live(services)
        admission = await _admit(socket, services)
        plan = dialect.plan(socket.query_params, live)
        place = (admission.project_id, live.limits.max_sessions, admission.limits)
        with live.sessions.place(*place, services.clock()):
            answering = await prepare_answers(services, admission, plan.llm_gateway)
            await asyncio.to_thread(use_token, services, admission)  # it is refused no more
            await LiveConnection(connection, services, live, admission, plan, answering).run()
    except SessionFault as fault:
        await connection.refuse(fault)
    except Exception:  # the border of a session
        logger.exception("live_session_failed")
        await connection.refuse(CANCELLED_FAULT)


def _require_live(services: ApiServices) -> LiveServices:
    if services.live is None or services.live.sessions.is_stopping:
        raise SessionFault(
            FaultKind.SERVER_FAULT, "Session Cancelled: This server takes no live sessions"
        )
    return services.live


async def _admit(socket: WebSocket, services: ApiServices) -> Admission:
    authorization = socket.headers.get("authorization", "")
    token = socket.query_params.get("token", "")
    return await asyncio.to_thread(admit, services, authorization, token)


class _Socket:
    """The socket of one session, and the words that its protocol has for an end."""

    def __init__(self, socket: WebSocket, dialect: Dialect, flush_s: float) -> None:
        self.socket = socket
        self.dialect = dialect
        self.flush_s = flush_s

    async def refuse(self, fault: SessionFault) -> int:
        """Tell the fault and close; the code."""
        messages, close = self.dialect.refuse(fault)
        with suppress(Exception):  # gone, or not reading: there is nobody to tell
            async with asyncio.timeout(self.flush_s):
                for message in messages:
                    await self.socket.send_json(message)
        await self.close(close)
        return close.code

    async def close(self, close: Close) -> None:
        """Close it politely, or, where the client does not read, at all."""
        try:
            async with asyncio.timeout(self.flush_s):
                await self.socket.close(close.code, close.reason)
        except TimeoutError:
            self.abort()
        except (WebSocketDisconnect, RuntimeError):  # many clients hang up on `Termination`
            logger.debug("live_socket_closed_before")

    def abort(self) -> None:
        extension = self.socket.scope.get("extensions", {}).get("earshot.abort")
        if extension is not None:
            extension["abort"]()


class LiveConnection:
    """One session that was admitted."""

    def __init__(
        self,
        connection: _Socket,
        services: ApiServices,
        live: LiveServices,
        admission: Admission,
        plan: SessionPlan,
        answering: Answering | None = None,
    ) -> None:
        self.project_id = admission.project_id
        self.viewers = Viewers()
        self._connection = connection
        self._dialect = connection.dialect
        self._services = services
        self._live = live
        self._plan = plan
        self._loop = asyncio.get_running_loop()
        self._ending: asyncio.Future[Ending] = self._loop.create_future()
        self._outbox = Outbox(
            connection.socket,
            partial(self._end, TOO_SLOW),
            partial(self._end, GONE),
            live.limits.max_waiting_bytes,
        )
        self._driver = LiveDriver(plan.options, self._tell, self._fail)
        self._audio = open_audio(plan, live.limits)
        self._decoding = asyncio.Lock()
        self._answers = None if answering is None else answering(self._outbox.put)
        self._has_failed = False
        self._began_s = self._active_s = self._loop.time()
        caps = (live.limits.max_session_s, admission.max_session_s)
        self._max_session_s = min(cap for cap in caps if cap is not None)
        self._record = SessionRecord(
            services.new_id(),
            admission,
            services.clock(),
            allows_private_hosts(connection.socket, services.options),
            plan.webhook,
            plan.engine,
        )

    def stop(self) -> None:
        """Tell what is left, and end: the server does."""
        self._end(STOPPED)

    async def run(self) -> None:
        """Hold the session to its end."""
        session_id = self._record.session_id
        logger.info("live_session_began", extra={"session_id": session_id})
        expires_at = self._record.started_at + timedelta(seconds=self._max_session_s)
        for message in self._dialect.begin(session_id, expires_at):
            self._outbox.put(message)
        with ExitStack() as stack:
            stack.enter_context(self._live.sessions.listed(session_id, self))
            stack.callback(self._audio.close)
            stack.callback(self._driver.close)
            stack.callback(self.viewers.end)
            if self._answers is not None:
                stack.callback(self._answers.close)
                stack.callback(self._start(self._answers.run).cancel)
            for work in (self._outbox.run, self._load, self._read, self._watch, self._note):
                stack.callback(self._start(work).cancel)
            await self._leave(await self._ending)

    # Coming to an end.

    def _end(self, ending: Ending) -> None:
        """The first reason to end counts."""
        if not self._ending.done():
            self._ending.set_result(ending)

    def _fail(self, failure: BaseException) -> None:
        fields = {"session_id": self._record.session_id}
        logger.error("live_session_failed", exc_info=failure, extra=fields)
        self._has_failed = True
        self._driver.close()
        self._end(CANCELLED_FAULT)

    async def _leave(self, ending: Ending) -> None:
        """Have the last turn heard, tell the end and close, in the order that the end asks for."""
        if ending is GONE or isinstance(ending, SessionFault):
            # "Sessions ended by Error send no Termination", and no turn after it.
            await self._finish_for_others(
                await self._refuse(ending) if isinstance(ending, SessionFault) else ending.code
            )
        elif not await self._finish():
            await self._store(await self._refuse(CANCELLED_FAULT))
        else:
            if self._answers is not None:
                await self._answers.finish()
            for message in self._dialect.end(self.facts()):
                self._outbox.put(message)
            await self._flush()
            await self._store(ending.code)
            await self._connection.close(ending)

    async def _store(self, code: int) -> None:
        facts = self.facts()
        store = partial(
            self._record.store,
            self._services,
            self._live.locks,
            audio_ms=facts.audio_ms,
            close_code=code,
        )
        await asyncio.shield(asyncio.to_thread(store))
        fields = {
            "session_id": self._record.session_id,
            "code": code,
            "audio_s": round(facts.audio_ms / 1000, 1),
            "elapsed_s": round(facts.session_ms / 1000, 1),
        }
        logger.info("live_session_ended", extra=fields)

    async def _finish(self) -> bool:
        """Have all audio heard; False where that takes too long, or cannot be."""
        try:
            await self._take_rest_in_time()
            await self._driver.finish()
        except TimeoutError:
            return False
        return not self._has_failed

    async def _finish_for_others(self, code: int) -> None:
        """The client reads no more: have the rest counted, and heard where anybody else does."""
        if self._record.webhook is not None or self.viewers.n_watching:
            await self._finish()
        else:
            self._driver.close()  # what waits for room in it goes on, to be counted
            with suppress(TimeoutError):
                await self._take_rest_in_time()
        await self._store(code)

    async def _take_rest_in_time(self) -> None:
        async with asyncio.timeout(FINISH_S):
            await self._take_rest()

    async def _take_rest(self) -> None:
        """What was on its way, and what the decoder held back."""
        with suppress(SessionFault):  # the end has a reason already
            async with self._decoding:
                async for samples in self._audio.rest():
                    self._driver.add_audio(samples)

    async def _refuse(self, fault: SessionFault) -> int:
        await self._flush()
        return await self._connection.refuse(fault)

    async def _flush(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._connection.flush_s):
                await self._outbox.drained()
        self._outbox.close()

    # What goes on meanwhile.

    def _start(self, work: Callable[[], Coroutine[Any, Any, None]]) -> "asyncio.Task[None]":
        async def guarded() -> None:
            try:
                await work()
            except SessionFault as fault:
                self._end(fault)
            except Exception as error:  # noqa: BLE001 - the border of a session
                self._fail(error)

        return asyncio.create_task(guarded())

    async def _load(self) -> None:
        loaded = await load_live(self._live.engines, self._plan.engine, self._plan.options)
        self._driver.begin(*loaded)

    async def _read(self) -> None:
        await self._audio.open()
        while not self._ending.done():
            await self._driver.room()
            self._active_s = self._loop.time()
            message = await self._connection.socket.receive()
            self._active_s = self._loop.time()
            if message["type"] == "websocket.disconnect":
                self._end(GONE)
            elif message.get("bytes") is not None:
                await self._take_audio(message["bytes"])
            else:
                await self._take_text(message["text"])

    async def _take_text(self, text: str) -> None:
        await asyncio.sleep(0)  # a flood of texts is read between what others do
        match self._dialect.read(text):
            case Terminate():
                self._end(ENDED)
            case ForceEndpoint():
                self._driver.force_endpoint()
            case Update(changes):
                options, messages = self._dialect.update(changes)
                self._driver.update(options)
                for message in messages:
                    self._outbox.put(message)
            case Audio(chunk):
                await self._take_audio(chunk)
            case KeepAlive():
                pass

    async def _take_audio(self, chunk: bytes) -> None:
        async with self._decoding:
            async for samples in self._audio.samples(chunk):
                self._require_pace()
                async with self._live.sessions.catching_up.turn(is_ahead=self._driver.is_ahead):
                    self._driver.add_audio(samples)
                await self._driver.room()

    def _require_pace(self) -> None:
        if self._plan.max_ahead_s is None:
            return
        audio_s = self._audio.received_ms / 1000
        elapsed_s = self._loop.time() - self._began_s
        if audio_s - elapsed_s > self._plan.max_ahead_s:
            raise SessionFault(
                FaultKind.TOO_FAST,
                f"Audio Transmission Rate Exceeded: Received {audio_s:.1f} sec. audio "
                f"in {elapsed_s:.1f} sec",
            )

    async def _note(self) -> None:
        """Have it written down how far the session has come, while its key opens anything."""
        while self._live.locks is not None:
            note = partial(self._record.note, self._services, self._live.locks)
            await asyncio.to_thread(note, audio_ms=self._audio.received_ms)
            await asyncio.sleep(NOTE_S)
            await asyncio.to_thread(require_live_key, self._services, self._record.admission)

    async def _watch(self) -> None:
        """Tell the time: heartbeats, silence of the client, the longest that a session may be."""
        watch = SessionWatch(
            self._began_s, max_session_s=self._max_session_s, idle_s=self._plan.idle_s
        )
        while True:
            if not self._driver.has_room:  # what the client sends is not read meanwhile
                self._active_s = self._loop.time()
            await asyncio.sleep(watch.next_s(self._active_s) - self._loop.time())
            is_listening, now_s = self._driver.has_room, self._loop.time()
            if watch.is_beat_due(now_s, self._active_s, is_listening=is_listening):
                for message in self._dialect.beat(self.facts(ends_interval=True)):
                    self._outbox.put(message)

    def facts(self, *, ends_interval: bool = False) -> SessionFacts:
        """How far the session has come; the loudest speech is that since the interval began."""
        session_s = self._loop.time() - self._began_s
        audio_ms = self._audio.received_ms
        heard_ms = audio_ms - self._driver.behind_ms
        return SessionFacts(
            audio_ms=audio_ms,
            session_ms=round(1000 * session_s),
            realtime_factor=heard_ms / 1000 / session_s if session_s else 0.0,
            speech_probability=self._driver.take_speech_probability() if ends_interval else 0.0,
        )

    def _tell(self, told: Told) -> None:
        for message in self._dialect.tell(told):
            self._outbox.put(message, is_counted=not isinstance(told, SpeakersRevised))
        match told:
            case TurnUpdated():
                self._record.keep(told)
                if self._answers is not None:
                    self._answers.hear(told)
                self.viewers.tell(turn_message(told), is_kept=told.is_end)
            case SpeechStarted():
                self.viewers.tell(speech_started_message(told), is_kept=False)
            case SpeakersRevised():
                self._record.revise(told)
                self.viewers.tell(speaker_revision_message(told), is_kept=False)
