"""Moonshine's encoder at work on a segment: samples in, what the decoder attends to out."""

from dataclasses import dataclass

import numpy as np
import onnxruntime as ort

from earshot.audio.waveform import Samples, Waveform
from earshot.recognition.engines.moonshine_decoder import EncodedSegment
from earshot.recognition.engines.moonshine_encoder_graph import (
    CONVOLVED,
    CONVOLVED_SIZE,
    CROSS_ATTENTION,
    EDGE_SAMPLES,
    FRAME_SAMPLES,
    KNOWN_CONVOLVED,
    KNOWN_SUMS,
    OVERLAP_SAMPLES,
    SUMS,
)
from earshot.recognition.engines.moonshine_weights import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Convolved:
    """What the first two convolutions made of the samples, (n_frames, CONVOLVED_SIZE).

    A third of the encoder's work, and the same for every segment that begins with these samples:
    `sums` are what is needed of them for the mean and spread of the whole.
    """

    samples: Samples
    rows: Floats
    sums: Floats

    def begins(self, samples: Samples) -> bool:
        """Whether the samples begin with these."""
        return np.array_equal(samples[: len(self.samples)], self.samples)


NOTHING = Convolved(
    np.zeros(0, dtype=np.float32),
    np.zeros((0, CONVOLVED_SIZE), dtype=np.float32),
    np.zeros(2, dtype=np.float32),
)


class SpeechEncoder:
    """May be called from several threads at once."""

    def __init__(self, session: ort.InferenceSession) -> None:
        self._session = session

    def encode(self, segment: Waveform) -> EncodedSegment:
        (attended,) = self._session.run([CROSS_ATTENTION], _feeds(_padded(segment), NOTHING))
        return EncodedSegment(attended)

    def encode_on(
        self, segment: Waveform, known: Convolved = NOTHING
    ) -> tuple[EncodedSegment, Convolved]:
        """The same, and what was convolved; `known` is that of an earlier segment.

        Where the segment begins with its samples, they are not convolved again.
        """
        samples = _padded(segment)
        if not known.begins(samples):
            known = NOTHING
        names = [CROSS_ATTENTION, CONVOLVED, SUMS]
        attended, rows, sums = self._session.run(names, _feeds(samples, known))
        n_convolved = len(rows) * FRAME_SAMPLES + OVERLAP_SAMPLES
        return EncodedSegment(attended), Convolved(samples[:n_convolved], rows, sums)


def _padded(segment: Waveform) -> Samples:
    """The samples of as many frames as there are, and of the edge: one frame at least."""
    n_samples = len(segment.samples)
    n_frames = max(1, (n_samples + 1 - EDGE_SAMPLES) // FRAME_SAMPLES)
    samples = np.zeros(n_frames * FRAME_SAMPLES + EDGE_SAMPLES, dtype=np.float32)
    n_heard = min(n_samples, len(samples))
    samples[:n_heard] = segment.samples[:n_heard]
    return samples


def _feeds(samples: Samples, known: Convolved) -> dict[str, Floats]:
    return {
        "samples": samples[len(known.rows) * FRAME_SAMPLES :],
        KNOWN_CONVOLVED: known.rows,
        KNOWN_SUMS: known.sums,
    }
