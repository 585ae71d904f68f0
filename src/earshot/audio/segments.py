"""Cutting speech into segments for a recognizer: at silences, and never inside a word."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from earshot.audio.speech import FRAME_SAMPLES, Probabilities, Span
from earshot.audio.waveform import SAMPLE_RATE, Samples

ENERGY_WINDOW_SAMPLES = 320  # 20 ms, shorter than the closure of a stop consonant


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch for one run of a recognizer, and the speech that lies in it."""

    start_samples: int
    end_samples: int
    speech: tuple[Span, ...]

    @property
    def n_samples(self) -> int:
        return self.end_samples - self.start_samples


@dataclass(frozen=True, slots=True)
class SegmentPolicy:
    """How speech is packed into segments.

    Segments hold at most `max_s` from the first to the last speech. From `min_s` on, the widest
    silence within reach ends one; a silence of `break_s` always does. Longer segments give the
    recognizer context; its cost grows faster than their length. `padding_s` of what lies around
    the speech is kept, but never more than half of the way to the next segment.
    """

    min_s: float = 8.0
    max_s: float = 20.0
    break_s: float = 2.0
    padding_s: float = 0.3


DEFAULT_SEGMENT_POLICY = SegmentPolicy()


def pack_segments(
    speech: Sequence[Span],
    samples: Samples,
    probabilities: Probabilities,
    policy: SegmentPolicy = DEFAULT_SEGMENT_POLICY,
) -> list[Segment]:
    """Segments that together hold all of the speech, in order, none overlapping.

    `samples` and `probabilities` are those that `speech` was found in: speech without a pause is
    cut where both say that a word is least likely.
    """
    max_samples = int(policy.max_s * SAMPLE_RATE)
    min_samples = int(policy.min_s * SAMPLE_RATE)
    break_samples = int(policy.break_s * SAMPLE_RATE)
    pending = [
        piece
        for span in speech
        for piece in _cut_long_span(span, samples, probabilities, min_samples, max_samples)
    ]
    segments = []
    while pending:
        n_taken = _best_end(pending, min_samples, max_samples, break_samples)
        taken, pending = pending[:n_taken], pending[n_taken:]
        segments.append(Segment(taken[0].start_samples, taken[-1].end_samples, tuple(taken)))
    return _padded(segments, len(samples), int(policy.padding_s * SAMPLE_RATE))


def _padded(segments: Sequence[Segment], n_samples: int, padding: int) -> list[Segment]:
    padded = []
    for index, segment in enumerate(segments):
        start, end = segment.start_samples, segment.end_samples
        before = segments[index - 1].end_samples if index > 0 else -start
        after = segments[index + 1].start_samples if index + 1 < len(segments) else 2 * n_samples
        start = max(0, start - min(padding, (start - before) // 2))
        end = min(n_samples, end + min(padding, (after - end) // 2))
        padded.append(Segment(start, end, segment.speech))
    return padded


def _best_end(spans: Sequence[Span], min_samples: int, max_samples: int, break_samples: int) -> int:
    """How many of the spans the next segment takes."""
    start = spans[0].start_samples
    best, widest = 1, -1
    for n_taken, span in enumerate(spans, 1):
        if span.end_samples - start > max_samples:
            break
        if n_taken == len(spans):
            return n_taken
        silence = spans[n_taken].start_samples - span.end_samples
        if silence >= break_samples:
            return n_taken
        is_long_enough = span.end_samples - start >= min_samples
        if is_long_enough and silence >= widest:
            best, widest = n_taken, silence
        elif widest < 0:
            best = n_taken
    return best


def _cut_long_span(
    span: Span,
    samples: Samples,
    probabilities: Probabilities,
    min_samples: int,
    max_samples: int,
) -> list[Span]:
    """The span in pieces of at most `max_samples`."""
    pieces = []
    while span.n_samples > max_samples:
        low = span.start_samples + min_samples
        high = min(span.start_samples + max_samples, span.end_samples - SAMPLE_RATE)
        cut = quietest_point(samples, probabilities, low, high)
        pieces.append(Span(span.start_samples, cut))
        span = Span(cut, span.end_samples)
    return [*pieces, span]


def quietest_point(samples: Samples, probabilities: Probabilities, low: int, high: int) -> int:
    """The sample in [low, high) around which speech is least likely and the audio is quietest."""
    n_windows = max(1, (high - low) // ENERGY_WINDOW_SAMPLES)
    windows = samples[low : low + n_windows * ENERGY_WINDOW_SAMPLES].reshape(n_windows, -1)
    loudness_db = 10 * np.log10(np.mean(windows**2, axis=1) + 1e-10)
    centres = low + np.arange(n_windows) * ENERGY_WINDOW_SAMPLES + ENERGY_WINDOW_SAMPLES // 2
    frames = np.minimum(centres // FRAME_SAMPLES, len(probabilities) - 1)
    # 30 dB of loudness weigh as much as the whole range of the probability.
    cost = loudness_db / 30 + probabilities[frames]
    smoothed = np.convolve(np.pad(cost, 1, mode="edge"), np.ones(3) / 3, mode="valid")
    return int(centres[int(np.argmin(smoothed))])
