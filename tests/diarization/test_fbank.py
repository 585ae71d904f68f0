import numpy as np
import pytest

from earshot.audio.waveform import SAMPLE_RATE, Samples
from earshot.diarization.fbank import N_MELS, compute_fbank


def tone(frequency_hz: float, n_samples: int, level: float = 0.1) -> Samples:
    return (level * np.sin(2 * np.pi * frequency_hz * np.arange(n_samples) / SAMPLE_RATE)).astype(
        np.float32
    )


@pytest.mark.parametrize(("n_samples", "n_frames"), [(399, 0), (400, 1), (559, 1), (560, 2)])
def test_only_whole_frames_have_features(n_samples: int, n_frames: int) -> None:
    assert compute_fbank(tone(440, n_samples)).shape == (n_frames, N_MELS)


def test_noise_has_the_features_that_kaldi_computes() -> None:
    noise = np.random.default_rng(0).normal(size=48_000) * 0.05
    fbank = compute_fbank(noise.astype(np.float32))
    # From kaldi-native-fbank 1.x, Hamming window, no dither, 80 mel.
    expected = [12.329716, 11.688392, 12.349759, 12.11077]
    np.testing.assert_allclose(fbank[0, :4], expected, atol=1e-3)


@pytest.mark.parametrize("frequency_hz", [200, 1000, 4000])
def test_a_tone_is_loudest_in_its_own_band(frequency_hz: float) -> None:
    lowest, highest = (1127 * np.log1p(hz / 700) for hz in (20, 8000))
    mels = np.linspace(lowest, highest, N_MELS + 2)
    band = int(np.argmin(np.abs(mels[1:-1] - 1127 * np.log1p(frequency_hz / 700))))
    assert abs(int(compute_fbank(tone(frequency_hz, 1600))[3].argmax()) - band) <= 1


def test_digital_silence_has_finite_features() -> None:
    assert np.isfinite(compute_fbank(np.zeros(1600, dtype=np.float32))).all()


def test_audio_ten_times_as_loud_adds_the_same_everywhere() -> None:
    noise = np.random.default_rng(1).normal(size=1600).astype(np.float32) * 0.01
    louder = compute_fbank(10 * noise) - compute_fbank(noise)
    np.testing.assert_allclose(louder, np.log(100), atol=1e-3)
