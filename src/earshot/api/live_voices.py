"""What one session asks about voices, and how long it waits for that."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final

from earshot.api.live_services import Voices
from earshot.audio.waveform import SAMPLE_RATE
from earshot.streaming.events import Event, SpeakersWanted, VoicesWanted
from earshot.streaming.labelled_session import LabelledSession

# Voices are asked for when a pause begins, and the end of a turn waits no longer than this for
# them. They take a tenth of it where nothing else runs. A session that has to catch up with its
# audio is late anyway, and waits by as much longer.
VOICES_PATIENCE_S: Final = 2.0
# The official client waits 5 s for the last message, the hearing of the last turn included.
SPEAKERS_PATIENCE_S: Final = 4.0

Act = Callable[[LabelledSession], list[Event]]


class VoiceRequests:
    """Hands to the voices what a session wants of them, and to the session what comes back.

    What does not come in time, the session goes on without. To be used on one event loop.
    """

    def __init__(
        self,
        voices: Voices,
        do: Callable[[Act], None],
        fail: Callable[[BaseException], None],
    ) -> None:
        self._voices = voices
        self._do = do
        self._fail = fail
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[int, tuple[Future[Any], asyncio.TimerHandle]] = {}

    def ask(self, wanted: VoicesWanted | SpeakersWanted) -> None:
        match wanted:
            case VoicesWanted(request_id):
                voices = self._voices.find_voices(wanted)
                patience_s = VOICES_PATIENCE_S + wanted.lag_samples / SAMPLE_RATE
                self._await(request_id, voices, patience_s, LabelledSession.voices_heard)
            case SpeakersWanted(request_id):
                speakers = self._voices.find_speakers(wanted)
                self._await(
                    request_id, speakers, SPEAKERS_PATIENCE_S, LabelledSession.speakers_found
                )

    def close(self) -> None:
        """Give up what is under way."""
        waiting, self._waiting = self._waiting, {}
        for answer, timer in waiting.values():
            timer.cancel()
            answer.cancel()

    def _await(
        self,
        request_id: int,
        answer: "Future[Any]",
        patience_s: float,
        hand_over: Callable[[LabelledSession, int, Any], list[Event]],
    ) -> None:
        def leave() -> None:
            self._do(lambda session: session.leave(request_id))

        def take() -> None:
            if self._waiting.pop(request_id, None) is None:
                return
            timer.cancel()
            failure = answer.exception()
            if failure is not None:
                self._fail(failure)
            else:
                self._do(lambda session: hand_over(session, request_id, answer.result()))

        def call_back(_answer: "Future[Any]") -> None:
            if not answer.cancelled() and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(take)

        timer = self._loop.call_later(patience_s, leave)
        self._waiting[request_id] = answer, timer
        answer.add_done_callback(call_back)
