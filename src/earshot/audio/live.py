"""Audio as it comes over the wire of a live session, to samples at 16 kHz."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from earshot.audio.resampling import StreamResampler
from earshot.audio.waveform import PCM16_SCALE, SAMPLE_RATE, Samples, samples_from_pcm16

MU_LAW_BIAS = 0x84


def _mu_law_table() -> Samples:
    """The value of each of the 256 codes (ITU-T G.711, table 2), as a sample."""
    codes = ~np.arange(256, dtype=np.int32) & 0xFF
    exponents, mantissas = codes >> 4 & 0x07, codes & 0x0F
    magnitudes = ((mantissas << 3) + MU_LAW_BIAS << exponents) - MU_LAW_BIAS
    values = np.where(codes & 0x80, -magnitudes, magnitudes)
    return (values / PCM16_SCALE).astype(np.float32)


MU_LAW = _mu_law_table()


def samples_from_mu_law(encoded: bytes) -> Samples:
    return MU_LAW[np.frombuffer(encoded, dtype=np.uint8)]


_DECODERS: Mapping[str, tuple[int, Callable[[bytes], Samples]]] = MappingProxyType(
    {"pcm_s16le": (2, samples_from_pcm16), "pcm_mulaw": (1, samples_from_mu_law)}
)
ENCODINGS = frozenset(_DECODERS)


class WireDecoder:
    """Chunks of raw mono audio, of one encoding and rate, to samples at 16 kHz."""

    def __init__(self, encoding: str, sample_rate: int) -> None:
        """`encoding` is one of `ENCODINGS`."""
        self._bytes_per_sample, self._decode = _DECODERS[encoding]
        self._sample_rate = sample_rate
        self._resampler = None if sample_rate == SAMPLE_RATE else StreamResampler(sample_rate)

    def is_whole(self, chunk: bytes) -> bool:
        """Whether the chunk ends where a sample does."""
        return len(chunk) % self._bytes_per_sample == 0

    def duration_ms(self, chunk: bytes) -> float:
        return 1000 * len(chunk) / (self._bytes_per_sample * self._sample_rate)

    def n_samples(self, chunk: bytes) -> int:
        """How many samples there are in the chunk, at its own rate."""
        return len(chunk) // self._bytes_per_sample

    def decode(self, chunk: bytes) -> Samples:
        """The next samples, (n_samples,) at 16 kHz; a few may come with the next chunk only."""
        samples = self._decode(chunk)
        return samples if self._resampler is None else self._resampler.resample(samples)

    def flush(self) -> Samples:
        """What is left when there are no more chunks."""
        if self._resampler is None:
            return np.zeros(0, dtype=np.float32)
        return self._resampler.flush()
