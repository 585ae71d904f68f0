"""One recognizer for all live sessions of a process: whose hearing comes next, and whose not.

The only module here with threads: sessions stay free of them.
"""

import heapq
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from threading import Condition, Thread

from earshot.audio.waveform import SAMPLE_RATE
from earshot.recognition.language import tell_languages
from earshot.recognition.recognizer import (
    DraftingRecognizer,
    Effort,
    Hints,
    Recognition,
    Recognizer,
)
from earshot.streaming.events import HearingWanted


@dataclass(frozen=True, slots=True)
class SharingPolicy:
    """How hearings share the processor.

    `n_threads` recognise at once, each up to `batch_segments` that wait together. Under load all
    are heard with the usual effort, and what is not urgent and lies more than `max_age_ms` back is
    left out: a newer one of the same session will say more. There is load while others wait, or
    when the last batch took over `slow_ms`: longer than a session takes to want the next.
    """

    n_threads: int = 2
    batch_segments: int = 1
    max_age_ms: int = 200
    slow_ms: int = 300


DEFAULT_SHARING_POLICY = SharingPolicy()

Answer = Future[Recognition | None]


@dataclass(order=True, slots=True)
class _Waiting:
    is_ahead: bool
    is_partial: bool
    due_s: float  # when the last of its audio arrived
    number: int
    wanted: HearingWanted = field(compare=False)
    answer: Answer = field(compare=False)

    @property
    def hints(self) -> Hints:
        return self.wanted.hints


class SharedHearing:
    """Recognises what sessions want: urgent hearings first, then those whose audio came first.

    What was sent ahead of time is heard when nobody waits who speaks.
    """

    def __init__(
        self,
        recognizer: Recognizer,
        policy: SharingPolicy = DEFAULT_SHARING_POLICY,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Starts its threads; `clock_s` counts seconds from anywhere."""
        self._recognizer = recognizer
        self._policy = policy
        self._clock_s = clock_s
        self._waiting: list[_Waiting] = []
        self._n_submitted = 0
        self._took_ms = 0.0  # the last batch
        self._is_closed = False
        self._changed = Condition()
        self._threads = [
            Thread(target=self._serve, name=f"hearing-{n}", daemon=True)
            for n in range(policy.n_threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, wanted: HearingWanted, *, is_ahead: bool = False) -> Answer:
        """The answer when it is there; None says that it was left out and is to be dropped.

        What the recognizer raises, the future raises. Cancelling it gives up its place.
        """
        answer: Answer = Future()
        due_s = self._clock_s() - wanted.lag_samples / SAMPLE_RATE
        with self._changed:
            assert not self._is_closed
            self._n_submitted += 1
            is_partial = not wanted.is_urgent
            waiting = _Waiting(is_ahead, is_partial, due_s, self._n_submitted, wanted, answer)
            heapq.heappush(self._waiting, waiting)
            self._changed.notify()
        return answer

    def close(self) -> None:
        """Answer what waits with None, let the threads end, and wait for them."""
        with self._changed:
            self._is_closed = True
            for waiting in self._waiting:
                if waiting.answer.set_running_or_notify_cancel():
                    waiting.answer.set_result(None)
            self._waiting.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        while batch := self._next_batch():
            self._recognize(batch)

    def _next_batch(self) -> list[_Waiting]:
        """Those to recognise next, with the same hints; none when it is closed."""
        with self._changed:
            batch: list[_Waiting] = []
            while not batch:
                while not self._waiting and not self._is_closed:
                    self._changed.wait()
                if self._is_closed:
                    return []
                batch = self._take_batch()
            return batch

    def _take_batch(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        while self._waiting and len(batch) < self._policy.batch_segments:
            if batch and self._waiting[0].hints != batch[0].hints:
                break
            waiting = heapq.heappop(self._waiting)
            if not waiting.answer.set_running_or_notify_cancel():
                continue
            if self._is_too_late(waiting):
                waiting.answer.set_result(None)
            else:
                batch.append(waiting)
        return batch

    def _is_too_late(self, waiting: _Waiting) -> bool:
        age_ms = 1000 * (self._clock_s() - waiting.due_s)
        return waiting.is_partial and self._has_load and age_ms > self._policy.max_age_ms

    @property
    def _has_load(self) -> bool:
        return bool(self._waiting) or self._took_ms > self._policy.slow_ms

    def _recognize(self, batch: Sequence[_Waiting]) -> None:
        segments = [waiting.wanted.waveform for waiting in batch]
        hints = batch[0].hints
        if self._has_load:
            hints = replace(hints, effort=Effort.USUAL)
        began_s = self._clock_s()
        try:
            if isinstance(self._recognizer, DraftingRecognizer):
                drafts = [waiting.wanted.draft for waiting in batch]
                recognitions = self._recognizer.recognize_drafted(segments, drafts, hints)
            else:
                recognitions = self._recognizer.recognize(segments, hints)
            told = [self._tell_language(*pair) for pair in zip(batch, recognitions, strict=True)]
        except Exception as failure:  # noqa: BLE001 - the sessions' border deals with it
            for waiting in batch:
                waiting.answer.set_exception(failure)
            return
        finally:
            if hints.effort is Effort.USUAL:  # more takes longer, and says nothing of the load
                self._took_ms = 1000 * (self._clock_s() - began_s)
        for waiting, recognition in zip(batch, told, strict=True):
            waiting.answer.set_result(recognition)

    def _tell_language(self, waiting: _Waiting, recognition: Recognition) -> Recognition:
        """The recognition, with what languages it sounds like where that was asked for."""
        if not waiting.wanted.asks_language:
            return recognition
        languages = tell_languages(self._recognizer, waiting.wanted.waveform, recognition)
        return replace(recognition, languages=languages)
