"""Recordings that the benchmarks make: telephone speech, long ones, and ones without speech."""

import wave
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from benchmarks.datasets import TELEPHONE_SET, Clip
from earshot.audio.waveform import PCM16_SCALE, SAMPLE_RATE

Pcm16 = npt.NDArray[np.int16]  # (n_samples,), mono

TELEPHONE_RATE = 8_000  # Hz
GAP_S = 0.5
SOUND_S = 20

MU_LAW_BIAS = 132  # G.711 in 16-bit units: 33 << 2
MU_LAW_CLIP = 32_635


def decode_pcm(path: Path) -> Pcm16:
    """The recording mixed to mono at SAMPLE_RATE; in this process, for files that we trust."""
    with av.open(str(path), metadata_errors="replace") as container:
        return _resampled(container.decode(audio=0), SAMPLE_RATE)


def write_wav(path: Path, blocks: Iterable[Pcm16]) -> Path:
    """The path, where the blocks now are one mono WAV file at SAMPLE_RATE."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        for block in blocks:
            file.writeframes(block.astype("<i2").tobytes())
    return path


def quantise_mu_law(pcm: Pcm16) -> Pcm16:
    """What is left of the samples after G.711 mu-law encoding and decoding."""
    magnitude = np.minimum(np.abs(pcm.astype(np.int32)), MU_LAW_CLIP) + MU_LAW_BIAS
    exponent = np.log2(magnitude).astype(np.int32) - 7  # 132 = 2**7 + 4 begins segment 0
    mantissa = (magnitude >> (exponent + 3)) & 0xF
    decoded = (((mantissa << 3) + MU_LAW_BIAS) << exponent) - MU_LAW_BIAS
    signed: Pcm16 = np.where(pcm < 0, -decoded, decoded).astype(np.int16)
    return signed


def telephone_clip(clip: Clip, folder: Path) -> Clip:
    """The clip as a telephone line of 8 kHz mu-law would deliver it, resampled back up."""
    narrow = _resample(decode_pcm(clip.path), SAMPLE_RATE, TELEPHONE_RATE)
    wide = _resample(quantise_mu_law(narrow), TELEPHONE_RATE, SAMPLE_RATE)
    path = write_wav(folder / f"telephone-{clip.row}.wav", [wide])
    return replace(clip, set_name=TELEPHONE_SET, name=f"{clip.name} (telephone)", path=path)


def join_clips(clips: Iterable[Clip], duration_s: float, path: Path) -> Clip:
    """Clips one after the other with pauses between, over and over, as one recording.

    It ends with the clip that reaches `duration_s`.
    """
    clips = list(clips)
    pause = np.zeros(round(GAP_S * SAMPLE_RATE), dtype=np.int16)
    decoded = [decode_pcm(clip.path) for clip in clips]
    blocks: list[Pcm16] = []
    references: list[str] = []
    n_samples = 0
    while n_samples < duration_s * SAMPLE_RATE:
        index = len(references) % len(clips)
        blocks += [decoded[index], pause]
        references.append(clips[index].reference)
        n_samples += len(decoded[index]) + len(pause)
    write_wav(path, blocks)
    return Clip(0, path.name, "joined", path, n_samples / SAMPLE_RATE, " ".join(references))


def loop_recording(source: Path, duration_s: float, path: Path) -> Path:
    """A WAV file of exactly that length, made by repeating the source."""
    pcm = decode_pcm(source)
    n_left = round(duration_s * SAMPLE_RATE)

    def blocks() -> Iterator[Pcm16]:
        nonlocal n_left
        while n_left:
            block = pcm[:n_left]
            n_left -= len(block)
            yield block

    return write_wav(path, blocks())


def speechless_sounds() -> dict[str, Pcm16]:
    """Sounds in which nobody speaks, by name, each SOUND_S long."""
    times_s = np.arange(SOUND_S * SAMPLE_RATE) / SAMPLE_RATE
    noise = np.random.default_rng(0).standard_normal(len(times_s))
    brown = np.cumsum(noise - noise.mean())
    sounds = {
        "digital silence": np.zeros_like(times_s),
        "faint white noise": 0.001 * noise,
        "loud white noise": 0.2 * noise,
        "brown noise": 0.5 * brown / np.abs(brown).max(),
        "mains hum, 50 Hz": 0.1 * _tones(times_s, [50, 100, 150]),
        "tone, 440 Hz": 0.5 * _tones(times_s, [440]),
        "dialling tone": 0.3 * _tones(times_s, [350, 440]),
        "dialled digits": 0.3 * _dialled_digits(times_s),
        "sweep, 100 Hz to 4 kHz": 0.4 * np.sin(2 * np.pi * (100 + 97.5 * times_s) * times_s),
        "melody with chords": 0.3 * _melody(times_s),
        "clicks": (np.arange(len(times_s)) % 8_000 < 8).astype(np.float64),
    }
    return {name: _pcm_from_floats(samples) for name, samples in sounds.items()}


def _tones(
    times_s: npt.NDArray[np.float64], frequencies_hz: Iterable[float]
) -> npt.NDArray[np.float64]:
    waves = [np.sin(2 * np.pi * frequency * times_s) for frequency in frequencies_hz]
    mean: npt.NDArray[np.float64] = np.mean(waves, axis=0)
    return mean


def _dialled_digits(times_s: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Two of the keypad's tones at a time, 100 ms on and 100 ms off."""
    rows_hz, columns_hz = np.array([697, 770, 852, 941]), np.array([1209, 1336, 1477])
    keys = (times_s / 0.2).astype(np.int64)
    row = np.sin(2 * np.pi * rows_hz[keys % 4] * times_s)
    column = np.sin(2 * np.pi * columns_hz[keys % 3] * times_s)
    return np.where(times_s % 0.2 < 0.1, (row + column) / 2, 0.0)


def _melody(times_s: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Plucked triads on a scale, each with overtones that fade within half a second."""
    scale_hz = 220 * 2 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
    notes = scale_hz[(times_s / 0.5).astype(np.int64) * 3 % 8]
    fade = np.exp(-6 * (times_s % 0.5))
    ratios = [1, 5 / 4, 3 / 2]  # a major triad
    voices = [
        np.sin(2 * np.pi * notes * ratio * overtone * times_s) / overtone
        for ratio in ratios
        for overtone in (1, 2, 3)
    ]
    mean: npt.NDArray[np.float64] = np.mean(voices, axis=0)
    return mean * fade


def _pcm_from_floats(samples: npt.NDArray[np.float64]) -> Pcm16:
    scaled = np.clip(np.rint(samples * PCM16_SCALE), -PCM16_SCALE, PCM16_SCALE - 1)
    pcm: Pcm16 = scaled.astype(np.int16)
    return pcm


def _resample(pcm: Pcm16, rate: int, new_rate: int) -> Pcm16:
    frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = rate
    return _resampled([frame], new_rate)


def _resampled(frames: Iterable[av.AudioFrame], rate: int) -> Pcm16:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
    resampled = [out for frame in [*frames, None] for out in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray().reshape(-1) for frame in resampled])
