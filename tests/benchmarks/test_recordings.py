"""The recordings that the benchmarks make are what their names say."""

import io
from pathlib import Path

import av
import numpy as np

from benchmarks.datasets import Clip
from benchmarks.recordings import (
    decode_pcm,
    join_clips,
    loop_recording,
    quantise_mu_law,
    speechless_sounds,
    telephone_clip,
    write_wav,
)
from earshot.audio.waveform import SAMPLE_RATE

EVERY_SAMPLE = np.arange(-(2**15), 2**15).astype(np.int16)


def _tone(frequency_hz: float, n_samples: int) -> np.ndarray:
    times_s = np.arange(n_samples) / SAMPLE_RATE
    return (8_000 * np.sin(2 * np.pi * frequency_hz * times_s)).astype(np.int16)


def _clip(path: Path, reference: str) -> Clip:
    return Clip(1, path.name, "librispeech", path, 1.0, reference)


def test_mu_law_is_as_coarse_as_ffmpeg_s() -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="wav") as container:
        stream = container.add_stream("pcm_mulaw", rate=8_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(EVERY_SAMPLE.reshape(1, -1), "s16", "mono")
        frame.sample_rate = 8_000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    file.seek(0)
    with av.open(file, "r") as container:
        decoded = np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])
    difference = np.abs(decoded.astype(int) - quantise_mu_law(EVERY_SAMPLE).astype(int))
    # At the edge between two codes encoders differ, by one step: a sixteenth of the biased sample.
    assert (difference <= (np.abs(EVERY_SAMPLE.astype(int)) + 132) / 16).all()
    assert (difference > 0).mean() < 0.02


def test_mu_law_leaves_what_it_left_before_unchanged() -> None:
    once = quantise_mu_law(EVERY_SAMPLE)
    assert (quantise_mu_law(once) == once).all()
    assert len(np.unique(once)) == 255  # 256 codes, of which two are zero


def test_a_telephone_carries_a_low_tone_and_not_a_high_one(tmp_path: Path) -> None:
    levels = []
    for frequency_hz in (1_000, 6_000):
        path = write_wav(tmp_path / "tone.wav", [_tone(frequency_hz, SAMPLE_RATE)])
        heard = decode_pcm(telephone_clip(_clip(path, "tone"), tmp_path).path)
        levels.append(float(np.sqrt(np.mean(heard.astype(float) ** 2))))
    assert levels[0] > 50 * levels[1]


def test_joined_clips_keep_their_order_and_reach_the_length(tmp_path: Path) -> None:
    paths = [write_wav(tmp_path / f"{n}.wav", [_tone(200 * n, SAMPLE_RATE)]) for n in (1, 2)]
    clips = [_clip(path, word) for path, word in zip(paths, ["one", "two"], strict=True)]
    joined = join_clips(clips, 4.0, tmp_path / "joined.wav")
    assert joined.reference == "one two one"
    assert joined.duration_s == 4.5  # three clips of 1 s and three gaps
    assert len(decode_pcm(joined.path)) == 4.5 * SAMPLE_RATE


def test_a_looped_recording_is_exactly_as_long_as_asked(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "source.wav", [_tone(300, SAMPLE_RATE)])
    looped = decode_pcm(loop_recording(source, 2.5, tmp_path / "looped.wav"))
    assert len(looped) == 2.5 * SAMPLE_RATE
    assert (looped[:SAMPLE_RATE] == looped[SAMPLE_RATE : 2 * SAMPLE_RATE]).all()


def test_every_sound_is_within_full_scale_and_differs_from_the_others() -> None:
    sounds = speechless_sounds()
    assert {len(pcm) for pcm in sounds.values()} == {20 * SAMPLE_RATE}
    assert len({pcm.tobytes() for pcm in sounds.values()}) == len(sounds)
    assert not sounds["digital silence"].any()
