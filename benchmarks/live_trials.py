"""Live sessions heard at the pace of their audio, on a clock that is turned by hand.

Time is simulated, computing is not: a chunk arrives when its last sample would have been spoken,
and an answer when the recognizer, run for real, would have given it. So a trial takes only the time
that the recognizer takes, and measures what a client would see on a machine that does nothing else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from benchmarks.matching import match_words
from earshot.audio.waveform import SAMPLE_RATE, Samples
from earshot.recognition.recognizer import Recognition
from earshot.streaming.events import Event, HearingWanted, TurnUpdated
from earshot.streaming.session import LiveSession
from earshot.transcript.words import Word

CHUNK_MS = 50  # as most clients send


@dataclass(frozen=True, slots=True)
class Told:
    """What a client was told, and when, in ms after the audio began."""

    at_ms: float
    update: TurnUpdated


@dataclass(slots=True)
class LiveTrial:
    """Everything that one session told, in order."""

    told: list[Told] = field(default_factory=list)
    n_hearings: int = 0
    computing_s: float = 0.0

    def ends(self, *, is_formatted: bool) -> list[Told]:
        return [
            one
            for one in self.told
            if one.update.is_end and one.update.is_formatted == is_formatted
        ]

    def text(self, *, is_formatted: bool) -> str:
        """The text of all turns."""
        return " ".join(one.update.transcript for one in self.ends(is_formatted=is_formatted))


@dataclass(frozen=True, slots=True)
class Answer:
    """What was heard, how long that took, and the processor time that it took of all cores."""

    recognition: Recognition
    took_s: float
    computing_s: float


Hear = Callable[[HearingWanted], Answer]


def run_session(session: LiveSession, samples: Samples, hear: Hear) -> LiveTrial:
    """Send the samples chunk by chunk, and finish."""
    trial = LiveTrial()
    n_chunk = SAMPLE_RATE * CHUNK_MS // 1000
    waiting: tuple[float, HearingWanted, Answer] | None = None  # until when, what, its answer

    def take(now_ms: float, events: Sequence[Event]) -> None:
        nonlocal waiting
        for event in events:
            if isinstance(event, TurnUpdated):
                trial.told.append(Told(now_ms, event))
            elif isinstance(event, HearingWanted):
                answer = hear(event)
                trial.n_hearings += 1
                trial.computing_s += answer.computing_s
                waiting = now_ms + 1000 * answer.took_s, event, answer

    def answer_until(limit_ms: float) -> None:
        nonlocal waiting
        while waiting is not None and waiting[0] <= limit_ms:
            now_ms, wanted, answer = waiting
            waiting = None
            take(now_ms, session.heard(wanted.request_id, answer.recognition))

    now_ms = 0.0
    for first in range(0, len(samples), n_chunk):
        chunk = samples[first : first + n_chunk]
        now_ms = 1000 * (first + len(chunk)) / SAMPLE_RATE
        answer_until(now_ms)
        take(now_ms, session.add_audio(chunk))
    take(now_ms, session.finish())
    answer_until(float("inf"))
    return trial


@dataclass(frozen=True, slots=True)
class Latency:
    """When one word was first told and when it was final, after it ended in the audio."""

    partial_ms: float
    final_ms: float


def word_latencies(trial: LiveTrial, spoken: Sequence[Word]) -> list[Latency]:
    """Those of the words that were told as they were `spoken`."""
    told: list[tuple[str, float, float]] = []
    for end in trial.ends(is_formatted=False):
        order = end.update.turn_order
        updates = [one for one in trial.told if one.update.turn_order == order]
        for place, word in enumerate(end.update.words):
            told.append((word.text, *_first_told(updates, place, word.text)))
    pairs = match_words([word.text for word in spoken], [text for text, _, _ in told])
    return [
        Latency(told[at][1] - spoken[said].end_ms, told[at][2] - spoken[said].end_ms)
        for said, at in pairs
    ]


def _first_told(updates: Sequence[Told], place: int, text: str) -> tuple[float, float]:
    """When that word was first in its place, and when it was first final."""
    holding = [
        one
        for one in updates
        if len(one.update.words) > place and one.update.words[place].text == text
    ]
    final = next(one for one in holding if one.update.words[place].is_final)
    return holding[0].at_ms, final.at_ms


def count_retracted(trial: LiveTrial) -> int:
    """How many final words were later other words, at another time, or gone."""
    n_retracted = 0
    unformatted = [one.update for one in trial.told if not one.update.is_formatted]
    for before, after in pairwise(unformatted):
        if before.turn_order == after.turn_order:
            finals = [word for word in before.words if word.is_final]
            kept = after.words[: len(finals)]
            n_retracted += sum(a != b for a, b in zip(finals, kept, strict=False))
            n_retracted += len(finals) - len(kept)
    return n_retracted


def end_delays_ms(trial: LiveTrial, spoken: Sequence[Word], silence_ms: int) -> list[float]:
    """How long after a turn's last word and the silence configured its end was told.

    Of turns whose last word was told as it was spoken.
    """
    ends = trial.ends(is_formatted=False)
    told = [(word.text, end) for end in ends for word in end.update.words]
    pairs = match_words([word.text for word in spoken], [text for text, _ in told])
    is_last = {
        place
        for place, (_, end) in enumerate(told)
        if place + 1 == len(told) or told[place + 1][1] is not end
    }
    return [
        told[at][1].at_ms - spoken[said].end_ms - silence_ms for said, at in pairs if at in is_last
    ]
