import av
import numpy as np
import numpy.typing as npt
import pytest

from earshot.audio.decoding.conversion import Converter

FRAME = 441


def frames_of(
    pcm: npt.NDArray[np.number], rate: int, layout: str, sample_format: str = "s16"
) -> list[av.AudioFrame]:
    frames = []
    for begin in range(0, len(pcm), FRAME):
        part = np.ascontiguousarray(pcm[begin : begin + FRAME]).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(part, format=sample_format, layout=layout)
        frame.sample_rate = rate
        frames.append(frame)
    return frames


def convert(frames: list[av.AudioFrame], *, is_mixed: bool) -> npt.NDArray[np.int16]:
    converter = Converter(frames[0], is_mixed=is_mixed)
    parts = [part for frame in frames for part in converter.convert(frame)]
    parts += converter.finish()
    return np.frombuffer(b"".join(parts), "<i2").reshape(-1, converter.n_channels)


def noise(n_samples: int, n_channels: int) -> npt.NDArray[np.int16]:
    return np.random.default_rng(1).integers(-(2**15), 2**15, (n_samples, n_channels), np.int16)


def test_16_khz_int16_passes_bit_by_bit() -> None:
    pcm = noise(5000, 2)

    assert np.array_equal(convert(frames_of(pcm, 16000, "stereo"), is_mixed=False), pcm)


@pytest.mark.parametrize("n_channels", [2, 3, 6, 8, 11, 64])
def test_a_mix_is_the_mean_of_all_channels(n_channels: int) -> None:
    pcm = noise(2000, n_channels)

    mixed = convert(frames_of(pcm, 16000, f"{n_channels} channels"), is_mixed=True)

    assert np.abs(mixed[:, 0] - pcm.mean(axis=1)).max() <= 1
    assert np.abs(mixed[:, 1] - pcm[:, 0]).max() <= 1  # the first channel comes along


def test_a_mix_of_full_scale_channels_does_not_clip_or_wrap() -> None:
    loud = np.full((3000, 2), 32767, np.int16)

    assert np.abs(convert(frames_of(loud, 16000, "stereo"), is_mixed=True) - 32767).max() <= 1
    assert (convert(frames_of(-loud - 1, 16000, "stereo"), is_mixed=True) <= -32767).all()


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44100, 48000, 96000, 192000])
@pytest.mark.parametrize("n_samples", [1, 441, 7056, 50001])
def test_the_length_is_that_of_the_input_to_the_nearest_sample(rate: int, n_samples: int) -> None:
    pcm = noise(n_samples, 1)

    converted = convert(frames_of(pcm, rate, "mono"), is_mixed=True)

    assert len(converted) == round(n_samples * 16000 / rate)


@pytest.mark.parametrize("rate", [8000, 44100, 48000])
def test_a_tone_keeps_its_phase(rate: int) -> None:
    time_s = np.arange(rate) / rate
    pcm = np.rint(10000 * np.sin(2 * np.pi * 300 * time_s)).astype(np.int16)[:, None]

    converted = convert(frames_of(pcm, rate, "mono"), is_mixed=True)[:, 0]

    expected = 10000 * np.sin(2 * np.pi * 300 * np.arange(16000) / 16000)
    assert np.abs(converted - expected)[200:-200].max() < 30


@pytest.mark.parametrize(
    ("sample_format", "values"),
    [
        ("u8", np.array([64, 192], np.uint8)),
        ("s16", np.array([-(2**14), 2**14], np.int16)),
        ("s32", np.array([-(2**30), 2**30], np.int32)),
        ("flt", np.array([-0.5, 0.5], np.float32)),
        ("dbl", np.array([-0.5, 0.5], np.float64)),
    ],
)
def test_every_sample_format_becomes_int16(
    sample_format: str, values: npt.NDArray[np.number]
) -> None:
    pcm = np.repeat(np.tile(values, 100), 25)[:, None]

    converted = convert(frames_of(pcm, 16000, "mono", sample_format), is_mixed=True)

    expected = np.repeat(np.tile([-(2**14), 2**14], 100), 25)
    assert np.array_equal(converted[:, 0], expected)


def test_a_frame_of_another_shape_does_not_fit() -> None:
    converter = Converter(frames_of(noise(441, 1), 44100, "mono")[0], is_mixed=True)

    assert converter.fits(frames_of(noise(100, 1), 44100, "mono")[0])
    assert not converter.fits(frames_of(noise(441, 1), 48000, "mono")[0])
    assert not converter.fits(frames_of(noise(441, 2), 44100, "stereo")[0])
