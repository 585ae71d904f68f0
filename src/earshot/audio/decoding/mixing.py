"""One channel of several: their mean, except where they cancel each other out in it.

A microphone wired the wrong way round, or a balanced line taken for stereo, makes one channel the
opposite of the other. Each is perfectly good, and their mean is silence.
"""

import numpy as np

from earshot.audio.media import ChannelBlock

CANCELLED = "The channels cancel each other out where they are mixed: the first was used instead"
# If only the first of n channels spoke, the mean would have 1 / n^2 of its energy. Cancelled is
# what has much less.
LOST_SHARE = 0.1
# Mean square of 16-bit samples under which a block is silent anyway.
SILENT_ENERGY = 100.0


class Mixer:
    """Chooses block by block between the mean and the first channel of a recording."""

    def __init__(self, n_channels: int) -> None:
        """`n_channels` are those that the mean is of."""
        self._least_share = LOST_SHARE / n_channels**2
        self._has_cancelled = False

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the caller should know of the blocks so far."""
        return (CANCELLED,) if self._has_cancelled else ()

    def mix(self, block: ChannelBlock) -> ChannelBlock:
        """One channel, (1, n_samples), of the mean and the first channel, (2, n_samples)."""
        mean_energy, first_energy = (_energy(channel) for channel in block)
        if first_energy > SILENT_ENERGY and mean_energy < self._least_share * first_energy:
            self._has_cancelled = True
            return block[1:]
        return block[:1]


def _energy(channel: ChannelBlock) -> float:
    """The mean square of the samples."""
    samples = channel.astype(np.float32)
    return float(samples @ samples) / max(1, len(samples))
