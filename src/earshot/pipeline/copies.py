"""Channels that carry the same audio as another: they are transcribed once.

Much of what is called stereo is one microphone written twice. A channel is a copy of an earlier one
as long as, from the start on, the two have not differed by more than LARGEST_DIFFERENCE. Once they
have, it is a channel of its own, for the rest of the recording.

Lossy codecs that code channels apart make two copies differ by far more, at moments by as much as a
second voice would. Those are transcribed each, and the caller is told.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from earshot.audio.media import ChannelBlock
from earshot.audio.waveform import SAMPLE_RATE, Samples
from earshot.transcript.times import samples_to_ms

# 60 dB under the signal, as energies: lossy codecs do not write two copies quite alike.
LARGEST_DIFFERENCE = 1e-6
ROUNDING_ENERGY = 1.0  # mean square of a difference of one step of 16 bits
AUDIBLE_ENERGY = 1e3  # mean square of 16-bit samples, 60 dB under full scale
# 15 dB under the signal, over the whole recording: more alike than two microphones are.
NEARLY_ALIKE = 10**-1.5
# Two energies that are further apart need no look at the samples.
LARGEST_ENERGY_RATIO = 1.01


Sums = npt.NDArray[np.float64]  # (n_channels, n_channels), over samples


@dataclass(slots=True)
class _Channel:
    """What is known of one channel so far."""

    originals: list[int]  # the earlier channels that it may be a copy of
    original: int = 0  # the one that its audible copies are of
    n_samples: int = 0  # for how long it has been a copy
    is_audible: bool = False  # while it was one


class CopyFinder:
    """Follows the blocks of one recording, and knows which channels are copies so far."""

    def __init__(self) -> None:
        self._channels: list[_Channel] = []
        # Of channels with each other, as long as the first is no copy.
        self._differences: Sums = np.zeros((0, 0))
        self._energies: Sums = np.zeros((0, 0))  # of the fainter of the two

    def find_copies(self, block: ChannelBlock) -> list[bool]:
        """For each channel of the next block whether it is, up to here, a copy of another."""
        if not self._channels:
            self._channels = [_Channel(list(range(index))) for index in range(len(block))]
            self._differences = np.zeros((len(block), len(block)))
            self._energies = np.zeros_like(self._differences)
        samples: Samples = block.astype(np.float32)  # (n_channels, n_samples)
        products = samples @ samples.T
        totals = products.diagonal()
        energies = totals / max(1, block.shape[1])
        for index, channel in enumerate(self._channels):
            channel.originals = [
                other
                for other in channel.originals
                if _are_alike(samples[index], samples[other], energies[index], energies[other])
            ]
            if channel.originals:
                channel.original = channel.originals[0]
                channel.n_samples += block.shape[1]
                channel.is_audible |= bool(energies[index] > AUDIBLE_ENERGY)
        are_copies = [bool(channel.originals) for channel in self._channels]
        apart = ~np.array(are_copies)
        sums = totals[:, None] + totals
        self._differences[apart] += (sums - 2 * products)[apart]
        self._energies[apart] += np.minimum(totals[:, None], totals)[apart]
        return are_copies

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for each channel that was left out as a copy, in whole or at first.

        And for each that was not, but is hardly another than an earlier one.
        """
        warnings = [
            _warning(index + 1, channel)
            for index, channel in enumerate(self._channels)
            if channel.is_audible
        ]
        for index, channel in enumerate(self._channels):
            original = None if channel.originals else self._find_nearly_alike(index)
            if original is not None:
                warnings.append(
                    f"Channels {original + 1} and {index + 1} carry nearly the same audio, and each"
                    " was transcribed: without multichannel, each word is there once"
                )
        return tuple(warnings)

    def _find_nearly_alike(self, index: int) -> int | None:
        """The first earlier channel that this one has hardly differed from since it is no copy."""
        for other in range(index):
            energy = self._energies[index, other]
            if energy > 0 and self._differences[index, other] <= NEARLY_ALIKE * energy:
                return other
        return None


def _are_alike(one: Samples, other: Samples, one_energy: float, other_energy: float) -> bool:
    least, most = sorted((one_energy, other_energy))
    if most > least * LARGEST_ENERGY_RATIO + ROUNDING_ENERGY:
        return False
    difference = one - other
    energy = float(difference @ difference) / max(1, len(difference))
    return energy <= max(ROUNDING_ENERGY, LARGEST_DIFFERENCE * most)


def _warning(number: int, channel: _Channel) -> str:
    original = channel.original + 1
    length = samples_to_ms(channel.n_samples, SAMPLE_RATE) / 1000
    extent = "" if channel.originals else f" for the first {length:.0f} s"
    return (
        f"Channel {number} carries the same audio as channel {original}{extent}: "
        f"it was transcribed once, as channel {original}"
    )
