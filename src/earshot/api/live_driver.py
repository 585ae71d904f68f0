"""Drives one session's state machine on the event loop: it has no clock, socket or thread."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from earshot.api.live_secrets import SecretRequests
from earshot.api.live_services import Hearing, LiveParts, Secrets, Voices
from earshot.api.live_voices import VoiceRequests
from earshot.audio.speech import Probabilities, SpeechStream, StreamingSpeechDetector
from earshot.audio.waveform import SAMPLE_RATE, Samples
from earshot.recognition.recognizer import Recognition
from earshot.streaming.events import (
    Event,
    HearingWanted,
    SecretsWanted,
    SpeakersWanted,
    Told,
    VoicesWanted,
)
from earshot.streaming.labelled_session import LabelledSession
from earshot.streaming.options import LiveOptions
from earshot.streaming.redacted_session import RedactedSession
from earshot.streaming.redaction import TurnSecrets, require_hidden
from earshot.streaming.session import LiveSession
from earshot.transcript.times import samples_to_ms

logger = logging.getLogger(__name__)

Session = LiveSession | LabelledSession | RedactedSession

# Audio that has come and is not heard yet: beyond that, no more is taken from the socket.
MAX_BEHIND_SAMPLES = 20 * SAMPLE_RATE
# The last turn of a session has to be heard; the models may still be loading.
FINISH_S = 30.0
# Likewise for what else was asked meanwhile: an end of the turn, other options.
MAX_WAITING_ACTS = 1000
# A client that has sent so much more audio than time has passed plays a recording: those who speak
# come first. A microphone that was on before the session began is behind less.
AHEAD_S = 10.0
# It is one of them again when it is heard as it sends.
CAUGHT_UP_SAMPLES = SAMPLE_RATE


class SpeechMeter:
    """A detector of one session that remembers how sure it was of speech."""

    def __init__(self, detector: StreamingSpeechDetector) -> None:
        self._detector = detector
        self._stream: SpeechStream = detector.open_stream()
        self._highest = 0.0

    def speech_probabilities(self, samples: Samples) -> Probabilities:
        return self._detector.speech_probabilities(samples)

    def open_stream(self) -> SpeechStream:
        return self

    def hear(self, frames: Samples) -> Probabilities:
        probabilities = self._stream.hear(frames)
        self._highest = max(self._highest, float(probabilities.max(initial=0.0)))
        return probabilities

    def take(self) -> float:
        """The highest probability since this was last asked."""
        highest, self._highest = self._highest, 0.0
        return highest


class LiveDriver:
    """Hands audio to the session, what it wants heard to the recognizer, and what it tells on.

    Whatever comes before the models are loaded waits for them, in its order.
    """

    def __init__(
        self,
        options: LiveOptions,
        tell: Callable[[Told], None],
        fail: Callable[[BaseException], None],
    ) -> None:
        """`fail` is called once, when the session cannot go on."""
        self._options = options
        self._tell = tell
        self._fail = fail
        self._loop = asyncio.get_running_loop()
        self._session: Session | None = None
        self._voices: VoiceRequests | None = None
        self._secrets: SecretRequests | None = None
        self._hearing: Hearing | None = None
        self._waiting: list[Callable[[Session], list[Event]]] = []
        self._waiting_samples = 0
        self._n_acts = 0  # that the session cannot come to yet
        self._began_s = self._loop.time()
        self._received_samples = 0
        self.is_ahead = False
        """Whether its client sends faster than people speak."""
        self._meter: SpeechMeter | None = None
        self._wanted: HearingWanted | None = None
        self._answer: Future[Recognition | None] | None = None
        self._is_closed = False
        self._finished: asyncio.Future[None] = self._loop.create_future()
        self._has_room = asyncio.Event()
        self._has_room.set()

    def begin(
        self, parts: LiveParts, voices: Voices | None = None, secrets: Secrets | None = None
    ) -> None:
        """The models are there: catch up with what waited.

        With `voices`, speakers are told. A session with a redaction needs `secrets`.
        """
        if self._is_closed:
            return
        self._hearing = parts.hearing
        self._meter = SpeechMeter(parts.detector)
        self._session = self._open(LiveSession(self._options, self._meter), voices, secrets)
        waiting, self._waiting = self._waiting, []
        self._waiting_samples = 0
        for act in waiting:
            self._do(act)

    def add_audio(self, samples: Samples) -> None:
        if self._session is None:
            self._waiting_samples += len(samples)
        self._received_samples += len(samples)
        self._note_pace()
        self._do(lambda session: session.add_audio(samples))

    def force_endpoint(self) -> None:
        self._n_acts += 1
        self._do(lambda session: session.force_endpoint())

    def update(self, options: LiveOptions) -> None:
        self._n_acts += 1
        self._do(lambda session: session.update(options))

    async def finish(self, patience_s: float = FINISH_S) -> None:
        """There is no more audio; returns when the last turn has been told.

        TimeoutError where nothing more was heard for so long.
        """
        self._do(lambda session: session.finish())
        while self._session is None or not self._session.is_finished:
            n_behind = self.behind_samples
            await asyncio.wait([self._finished], timeout=patience_s)
            if self._finished.done():
                return
            if self.behind_samples >= n_behind:
                raise TimeoutError

    async def room(self) -> None:
        """Wait while too much audio waits to be heard."""
        await self._has_room.wait()

    @property
    def behind_samples(self) -> int:
        """How much audio has come that was not heard yet."""
        if self._session is None:
            return self._waiting_samples
        if self._wanted is None:
            return 0
        return self._session.received_samples - self._wanted.wanted_at_samples

    @property
    def behind_ms(self) -> int:
        return samples_to_ms(self.behind_samples, SAMPLE_RATE)

    @property
    def has_room(self) -> bool:
        return self._has_room.is_set()

    def take_speech_probability(self) -> float:
        """The highest probability of speech in any frame since this was last asked."""
        return self._meter.take() if self._meter is not None else 0.0

    def close(self) -> None:
        """Give up what is under way; nothing more is told."""
        self._is_closed = True
        if self._answer is not None:
            self._answer.cancel()
        if self._voices is not None:
            self._voices.close()
        if self._secrets is not None:
            self._secrets.close()
        self._has_room.set()
        if not self._finished.done():
            self._finished.set_result(None)

    def _open(
        self, session: LiveSession, voices: Voices | None, secrets: Secrets | None
    ) -> Session:
        """The session, and over it the layers that its options ask for."""
        labelled = None if voices is None else LabelledSession(session, self._options.max_speakers)
        below = session if labelled is None else labelled
        redacted: RedactedSession | None = None
        if self._options.redaction is not None:
            assert secrets is not None
            redacted = RedactedSession(below, self._options.redaction)
            self._secrets = self._ask_for(redacted, secrets)
        if labelled is not None:
            assert voices is not None
            self._voices = self._listen_for(labelled, voices, redacted)
        return below if redacted is None else redacted

    def _ask_for(self, redacted: RedactedSession, secrets: Secrets) -> SecretRequests:
        def give(request_id: int, found: TurnSecrets) -> None:
            self._do(lambda _: redacted.secrets_found(request_id, found))

        return SecretRequests(secrets, give, self._end_with)

    def _listen_for(
        self, labelled: LabelledSession, voices: Voices, redacted: RedactedSession | None
    ) -> VoiceRequests:
        def do(act: Callable[[LabelledSession], list[Event]]) -> None:
            if redacted is None:
                self._do(lambda _: act(labelled))
            else:
                self._do(lambda _: redacted.take(act(labelled)))

        return VoiceRequests(voices, do, self._end_with)

    def _do(self, act: Callable[[Session], list[Event]]) -> None:
        if self._is_closed:
            return
        if self._session is None:
            self._waiting.append(act)
        else:
            try:
                self._absorb(act(self._session))
            except Exception as error:  # noqa: BLE001 - the border of a session
                self._end_with(error)
        self._note_room()

    def _absorb(self, events: Sequence[Event]) -> None:
        assert self._session is not None
        for event in events:
            if isinstance(event, HearingWanted):
                self._ask(event)
            elif isinstance(event, VoicesWanted | SpeakersWanted):
                assert self._voices is not None
                self._voices.ask(event)
            elif isinstance(event, SecretsWanted):
                assert self._secrets is not None
                self._secrets.ask(event)
            else:
                require_hidden(event, self._options.redaction)  # whatever went wrong
                self._tell(event)
        if self._session.is_finished and not self._finished.done():
            self._finished.set_result(None)

    def _ask(self, wanted: HearingWanted) -> None:
        assert self._hearing is not None
        self._wanted = wanted
        self._answer = self._hearing.submit(wanted, is_ahead=self.is_ahead)
        self._answer.add_done_callback(lambda answer: self._call_back(wanted, answer))

    def _call_back(self, wanted: HearingWanted, answer: "Future[Recognition | None]") -> None:
        """From the recognizer's thread to the event loop, if that still runs."""
        if not answer.cancelled() and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._take, wanted, answer)

    def _take(self, wanted: HearingWanted, answer: "Future[Recognition | None]") -> None:
        self._wanted = self._answer = None
        if self._is_closed:
            return
        failure = answer.exception()
        if failure is not None:
            self._end_with(failure)
            return
        recognition = answer.result()
        if recognition is None:
            self._do(lambda session: session.drop(wanted.request_id))
        else:
            self._do(lambda session: session.heard(wanted.request_id, recognition))

    def _note_pace(self) -> None:
        ahead_s = self._received_samples / SAMPLE_RATE - (self._loop.time() - self._began_s)
        has_caught_up = self.behind_samples <= CAUGHT_UP_SAMPLES
        self.is_ahead = ahead_s > AHEAD_S or (self.is_ahead and not has_caught_up)

    def _note_room(self) -> None:
        if self._session is not None and self._wanted is None:
            self._n_acts = 0
        if self.behind_samples > MAX_BEHIND_SAMPLES or self._n_acts > MAX_WAITING_ACTS:
            self._has_room.clear()
        else:
            self._has_room.set()

    def _end_with(self, failure: BaseException) -> None:
        self.close()
        self._fail(failure)
