"""Many live sessions in one process at the pace of their audio, sharing one recognizer."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from queue import Empty, SimpleQueue

import numpy as np

from benchmarks.live_trials import CHUNK_MS, Latency, LiveTrial, Told, word_latencies
from earshot.audio.waveform import SAMPLE_RATE, Samples
from earshot.recognition.recognizer import DraftingRecognizer, Recognition
from earshot.streaming.events import Event, HearingWanted, TurnUpdated
from earshot.streaming.hearing import SharedHearing
from earshot.streaming.session import LiveSession
from earshot.transcript.times import samples_to_ms
from earshot.transcript.words import Word

Known = tuple[Samples, tuple[Word, ...]]  # a recording and its file result


@dataclass(frozen=True, slots=True)
class Crowd:
    """What so many sessions at once met; cores are processor time per time."""

    n_sessions: int
    latencies: list[Latency]
    dropped_share: float
    recognizer_cores: float
    driver_cores: float
    latest_chunk_ms: float


@dataclass(slots=True)
class _Speaker:
    """One session and where its sender is."""

    session: LiveSession
    samples: Samples
    spoken: list[Word]
    starts_s: float
    n_sent: int = 0
    trial: LiveTrial = field(default_factory=LiveTrial)
    is_finishing: bool = False

    @property
    def due_s(self) -> float:
        """When its next chunk has been spoken."""
        end = min(len(self.samples), self.n_sent + CHUNK_SAMPLES)
        return self.starts_s + end / SAMPLE_RATE


CHUNK_SAMPLES = SAMPLE_RATE * CHUNK_MS // 1000
START_SPREAD_S = 3.0
GOLDEN_RATIO = (5**0.5 - 1) / 2
Answered = tuple[_Speaker, HearingWanted, Recognition | None]


def measure_crowd(
    n_sessions: int,
    known: Sequence[Known],
    duration_s: float,
    open_session: Callable[[], LiveSession],
    recognizer: DraftingRecognizer,
) -> Crowd:
    """Run the sessions, each with other recordings first; takes as long as their audio."""
    hearing = SharedHearing(recognizer)
    began_s, process_s, driver_s = time.monotonic(), time.process_time(), time.thread_time()
    speakers = [
        _Speaker(open_session(), *_speech(known, number, duration_s), began_s + _offset_s(number))
        for number in range(n_sessions)
    ]
    driver = _Driver(hearing, speakers)
    driver.run()
    elapsed_s = time.monotonic() - began_s
    own_s = time.thread_time() - driver_s
    total_s = time.process_time() - process_s
    hearing.close()
    return Crowd(
        n_sessions,
        [latency for one in speakers for latency in word_latencies(one.trial, one.spoken)],
        driver.n_dropped / max(1, driver.n_wanted),
        (total_s - own_s) / elapsed_s,
        own_s / elapsed_s,
        driver.latest_chunk_ms,
    )


def _offset_s(number: int) -> float:
    """When a session begins: within three seconds, as if nobody knew of the others.

    By the golden ratio, which spreads any number of them: sessions want to be heard at places that
    are 256 ms apart, and would all want it at once if they began half a second apart.
    """
    return START_SPREAD_S * (number * GOLDEN_RATIO % 1)


def _speech(known: Sequence[Known], first: int, duration_s: float) -> tuple[Samples, list[Word]]:
    """Recordings one after the other, from the given one on, and their words with their times."""
    blocks: list[Samples] = []
    words: list[Word] = []
    n_samples = 0
    for samples, spoken in islice(cycle(known), 5 * first, None):
        offset_ms = samples_to_ms(n_samples, SAMPLE_RATE)
        words += [
            Word(w.text, w.start_ms + offset_ms, w.end_ms + offset_ms, w.confidence) for w in spoken
        ]
        blocks.append(samples)
        n_samples += len(samples)
        if n_samples >= duration_s * SAMPLE_RATE:
            return np.concatenate(blocks), words
    raise AssertionError


class _Driver:
    """Sends every chunk when it is due, and hands answers back as soon as they are there."""

    def __init__(self, hearing: SharedHearing, speakers: Sequence[_Speaker]) -> None:
        self._hearing = hearing
        self._speakers = speakers
        self._answers: SimpleQueue[Answered] = SimpleQueue()
        self.n_wanted = 0
        self.n_dropped = 0
        self.latest_chunk_ms = 0.0

    def run(self) -> None:
        while running := [one for one in self._speakers if not one.session.is_finished]:
            sending = [one for one in running if not one.is_finishing]
            next_s = min((one.due_s for one in sending), default=float("inf"))
            self._take_answers(min(1.0, next_s - time.monotonic()))
            for one in sending:
                if one.due_s <= time.monotonic():
                    self._send(one)

    def _send(self, one: _Speaker) -> None:
        self.latest_chunk_ms = max(self.latest_chunk_ms, 1000 * (time.monotonic() - one.due_s))
        chunk = one.samples[one.n_sent : one.n_sent + CHUNK_SAMPLES]
        one.n_sent += len(chunk)
        self._take(one, one.session.add_audio(chunk))
        if one.n_sent == len(one.samples):
            one.is_finishing = True
            self._take(one, one.session.finish())

    def _take_answers(self, timeout_s: float) -> None:
        """Hand back the answers that come within that time."""
        try:
            one, wanted, answer = self._answers.get(timeout=max(0.0001, timeout_s))
        except Empty:
            return
        if answer is None:
            self.n_dropped += 1
            self._take(one, one.session.drop(wanted.request_id))
        else:
            self._take(one, one.session.heard(wanted.request_id, answer))

    def _take(self, one: _Speaker, events: Sequence[Event]) -> None:
        now_ms = 1000 * (time.monotonic() - one.starts_s)
        for event in events:
            if isinstance(event, TurnUpdated):
                one.trial.told.append(Told(now_ms, event))
            elif isinstance(event, HearingWanted):
                self._want(one, event)

    def _want(self, one: _Speaker, wanted: HearingWanted) -> None:
        self.n_wanted += 1
        answer = self._hearing.submit(wanted)
        answer.add_done_callback(lambda done: self._answers.put((one, wanted, done.result())))
