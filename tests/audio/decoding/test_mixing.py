import numpy as np
import pytest

from earshot.audio.decoding.mixing import CANCELLED, Mixer
from earshot.audio.media import ChannelBlock


def noise(seed: int, level: float = 3000.0) -> ChannelBlock:
    samples = np.random.default_rng(seed).normal(0, level, 16_000)
    return np.clip(np.rint(samples), -32768, 32767).astype(np.int16)


def mean_and_first(*channels: ChannelBlock) -> ChannelBlock:
    mean = np.rint(np.mean(channels, axis=0)).astype(np.int16)
    return np.stack([mean, channels[0]])


SILENCE = np.zeros(16_000, dtype=np.int16)


@pytest.mark.parametrize(
    "channels",
    [
        (noise(1), noise(1)),
        (noise(1), noise(2)),
        (noise(1), SILENCE),
        (SILENCE, noise(1)),
        (SILENCE, SILENCE),
        (noise(1), *[SILENCE] * 63),
        (noise(1), -noise(1) // 2),
        (noise(1, level=3), -noise(1, level=3)),
    ],
)
def test_the_mean_is_kept_where_anything_is_left_in_it(channels: tuple[ChannelBlock, ...]) -> None:
    mixer = Mixer(len(channels))
    block = mean_and_first(*channels)
    assert np.array_equal(mixer.mix(block), block[:1])
    assert mixer.warnings == ()


@pytest.mark.parametrize(
    "channels",
    [
        (noise(1), -noise(1)),
        (noise(1), -(noise(1) * 0.9).astype(np.int16)),
        (noise(1), -noise(1), noise(2), -noise(2)),
    ],
)
def test_the_first_is_taken_where_the_channels_cancel_each_other_out(
    channels: tuple[ChannelBlock, ...],
) -> None:
    mixer = Mixer(len(channels))
    assert np.array_equal(mixer.mix(mean_and_first(*channels))[0], channels[0])
    assert mixer.warnings == (CANCELLED,)


def test_it_is_decided_for_each_block() -> None:
    mixer = Mixer(2)
    opposite, alike = mean_and_first(noise(1), -noise(1)), mean_and_first(noise(1), noise(1))
    blocks = [mixer.mix(block)[0] for block in (alike, opposite, alike)]
    assert all(np.array_equal(block, noise(1)) for block in blocks)
