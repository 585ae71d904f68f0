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
