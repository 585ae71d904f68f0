"""Where the speech is: from per-frame probabilities to stretches of speech."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from earshot.audio.waveform import SAMPLE_RATE, Samples
from earshot.transcript.times import ms_to_samples

Probabilities = npt.NDArray[np.float32]  # (n_frames,), one per FRAME_SAMPLES
FRAME_SAMPLES = 512  # 32 ms, the step of Silero at 16 kHz


class SpeechDetector(Protocol):
    """A voice activity model."""

    def speech_probabilities(self, samples: Samples) -> Probabilities:
        """The probability of speech in each frame of FRAME_SAMPLES, (n_frames,).

        The last frame may be padded with silence: there are ceil(n_samples / FRAME_SAMPLES).
        """
        ...


class SpeechStream(Protocol):
    """A voice activity model in the middle of one recording. Not for several threads at once."""

    def hear(self, frames: Samples) -> Probabilities:
        """The probability of speech in each of the next frames, (n_frames,).

        `frames` are n_frames * FRAME_SAMPLES samples. The probabilities are those of the whole
        recording at once, wherever it is cut.
        """
        ...


class StreamingSpeechDetector(SpeechDetector, Protocol):
    """A voice activity model that can also hear a recording while it is being made."""

    def open_stream(self) -> SpeechStream:
        """A stream at the beginning of a recording."""
        ...


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch of samples."""

    start_samples: int
    end_samples: int

    @property
    def n_samples(self) -> int:
        return self.end_samples - self.start_samples


@dataclass(frozen=True, slots=True)
class SpeechPolicy:
    """When frames count as speech.

    Speech begins at `start_threshold` and ends where the probability stays under `end_threshold`
    for `min_silence_ms`. Shorter stretches than `min_speech_ms` are no speech. `padding_ms` is
    added on both sides: the model is late at soft onsets.
    """

    start_threshold: float = 0.5
    end_threshold: float = 0.35
    min_speech_ms: int = 96
    min_silence_ms: int = 160
    padding_ms: int = 96


DEFAULT_SPEECH_POLICY = SpeechPolicy()

LOUDNESS_WINDOW_SAMPLES = 160  # 10 ms
# The detector's steps and the padding together put the edges of a span up to this far outside.
EDGE_WINDOWS = 20
# What is this much under the loudest part of a span is the room, and not the speaker ...
AUDIBLE_RANGE_DB = 30.0
# ... and so is what is hardly louder than the quietest window at that edge.
OVER_ROOM_DB = 6.0


def find_speech(
    probabilities: Probabilities, n_samples: int, policy: SpeechPolicy = DEFAULT_SPEECH_POLICY
) -> list[Span]:
    """The stretches of speech in `n_samples` samples, in order; none overlap or touch."""
    frames = _speech_frames(probabilities, policy)
    padding = ms_to_samples(policy.padding_ms, SAMPLE_RATE)
    spans: list[Span] = []
    for first, last in frames:
        start = max(0, first * FRAME_SAMPLES - padding)
        end = min(n_samples, last * FRAME_SAMPLES + padding)
        if spans and start <= spans[-1].end_samples:
            start = spans.pop().start_samples
        spans.append(Span(start, end))
    return spans


def _speech_frames(probabilities: Probabilities, policy: SpeechPolicy) -> list[tuple[int, int]]:
    """Half-open ranges of frames that are speech."""
    min_speech = ms_to_samples(policy.min_speech_ms, SAMPLE_RATE) // FRAME_SAMPLES
    min_silence = ms_to_samples(policy.min_silence_ms, SAMPLE_RATE) // FRAME_SAMPLES
    ranges: list[tuple[int, int]] = []
    first: int | None = None
    last_speech = 0
    for frame, probability in enumerate(probabilities.tolist()):
        if first is None:
            if probability >= policy.start_threshold:
                first, last_speech = frame, frame
        elif probability >= policy.end_threshold:
            last_speech = frame
        elif frame - last_speech >= min_silence:
            ranges.append((first, last_speech + 1))
            first = None
    if first is not None:
        ranges.append((first, last_speech + 1))
    return [(first, end) for first, end in ranges if end - first >= min_speech]


def audible_part(span: Span, samples: Samples) -> Span:
    """The span without the quiet that the detector left at its edges; never empty.

    It tells to 10 ms where the first word begins and the last one ends, where the detector's
    probabilities only tell that there is speech somewhere near.
    """
    part = samples[span.start_samples : span.end_samples]
    n_windows = len(part) // LOUDNESS_WINDOW_SAMPLES
    n_edge = min(EDGE_WINDOWS, n_windows // 3)
    if not n_edge:
        return span
    windows = part[: n_windows * LOUDNESS_WINDOW_SAMPLES].reshape(n_windows, -1)
    loudness_db = 10 * np.log10(np.mean(windows**2, axis=1) + 1e-10)
    least_db = float(np.percentile(loudness_db, 95)) - AUDIBLE_RANGE_DB
    n_before = _n_quiet(loudness_db[:n_edge], least_db)
    n_after = _n_quiet(loudness_db[: -n_edge - 1 : -1], least_db)
    end = span.start_samples + (n_windows - n_after) * LOUDNESS_WINDOW_SAMPLES
    return Span(
        span.start_samples + n_before * LOUDNESS_WINDOW_SAMPLES,
        end if n_after else span.end_samples,
    )


def _n_quiet(loudness_db: Samples, least_db: float) -> int:
    """How many windows from the edge on are no louder than speech would be."""
    audible = np.flatnonzero(loudness_db > max(least_db, float(loudness_db.min()) + OVER_ROOM_DB))
    return int(audible[0]) if len(audible) else 0
