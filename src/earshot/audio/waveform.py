"""Samples with their rate, and the one pair of conversions between int16 PCM and float32."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from earshot.transcript.times import samples_to_ms

Pcm16 = npt.NDArray[np.int16]  # (n_samples,), mono
Samples = npt.NDArray[np.float32]  # (n_samples,), mono, nominally [-1, 1]

SAMPLE_RATE = 16_000  # Hz; what every embedded model was trained on
PCM16_SCALE = np.float32(2**15)  # int16 full scale, the same in both directions


@dataclass(frozen=True, slots=True)
class Waveform:
    """Mono samples, (n_samples,), that know their rate in Hz."""

    samples: Samples
    sample_rate: int = SAMPLE_RATE

    @property
    def duration_ms(self) -> int:
        return samples_to_ms(len(self.samples), self.sample_rate)


def samples_from_pcm16(pcm: bytes | Pcm16) -> Samples:
    """Decode little-endian signed 16-bit PCM, bytes or an array of it, (n_samples,)."""
    return np.frombuffer(pcm, dtype="<i2").astype(np.float32) / PCM16_SCALE


def pcm16_from_samples(samples: Samples) -> bytes:
    """Encode as little-endian signed 16-bit PCM; out-of-range samples clip instead of wrapping."""
    scaled: Samples = np.clip(np.rint(samples * PCM16_SCALE), -PCM16_SCALE, PCM16_SCALE - 1)
    return scaled.astype("<i2").tobytes()
