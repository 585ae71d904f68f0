import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from earshot.audio.decoding.protocol import TRUNCATED, DecodeRequest, FailureReason
from earshot.audio.decoding.recording import (
    CHANNELS_CHANGED,
    DAMAGED,
    decode_recording,
)
from earshot.audio.decoding.source import MediaRefused, SourceInfo

Make = Callable[..., bytes]
HOUR_MS = 3_600_000


class Collector:
    """Keeps what a decode tells."""

    def __init__(self) -> None:
        self.info: SourceInfo | None = None
        self.n_channels = 0
        self.blocks: list[bytes] = []
        self.progress: list[int] = []
        self.warnings: list[str] = []

    def on_info(self, info: SourceInfo, n_block_channels: int) -> None:
        assert self.info is None
        assert not self.blocks
        self.info, self.n_channels = info, n_block_channels

    def on_block(self, pcm: bytes) -> None:
        self.blocks.append(pcm)

    def on_progress(self, position_samples: int) -> None:
        self.progress.append(position_samples)

    @property
    def channels(self) -> npt.NDArray[np.int16]:
        return np.frombuffer(b"".join(self.blocks), "<i2").reshape(-1, self.n_channels).T


def decode(
    data: bytes,
    *,
    is_mixed: bool = True,
    start_ms: int = 0,
    end_ms: int | None = None,
    max_duration_ms: int = 10 * HOUR_MS,
    max_channel_ms: int = 80 * HOUR_MS,
) -> Collector:
    collector = Collector()
    request = DecodeRequest(is_mixed, start_ms, end_ms, max_duration_ms, max_channel_ms, 100)
    collector.warnings = decode_recording(io.BytesIO(data), request, collector)
    return collector


def loud_from_s(pcm: npt.NDArray[np.int16]) -> float:
    """When the sound begins."""
    return float(np.argmax(np.abs(pcm) > 1000)) / 16000


FORMATS = [
    ("wav", "pcm_s16le", 44100),
    ("wav", "pcm_u8", 8000),
    ("wav", "pcm_s24le", 96000),
    ("wav", "pcm_f32le", 192000),
    ("wav", "pcm_mulaw", 8000),
    ("wav", "pcm_alaw", 8000),
    ("wav", "adpcm_ms", 22050),
    ("w64", "pcm_s16le", 44100),
    ("aiff", "pcm_s16be", 44100),
    ("au", "pcm_mulaw", 8000),
    ("caf", "pcm_s16le", 44100),
    ("flac", "flac", 44100),
    ("mp3", "libmp3lame", 44100),
    ("mp2", "mp2", 48000),
    ("adts", "aac", 48000),
    ("ipod", "aac", 44100),
    ("ipod", "alac", 44100),
    ("mov", "aac", 44100),
    ("ogg", "libopus", 48000),
    ("ogg", "flac", 44100),
    ("webm", "libopus", 48000),
    ("matroska", "aac", 48000),
    ("mpegts", "aac", 48000),
    ("flv", "aac", 44100),
    ("avi", "pcm_s16le", 44100),
    ("asf", "wmav2", 44100),
    ("ac3", "ac3", 48000),
    ("wv", "wavpack", 44100),
    ("tta", "tta", 44100),
    ("voc", "pcm_s16le", 22050),
    ("amr", "libopencore_amrnb", 8000),
]


@pytest.mark.parametrize(("container", "codec", "rate"), FORMATS)
def test_every_format_decodes_to_its_length_in_16_khz(
    tone: Make, encode: Make, container: str, codec: str, rate: int
) -> None:
    layout = "stereo" if codec == "wmav2" else "mono"
    pcm = tone(2, rate, n_channels=2 if layout == "stereo" else 1)
    decoded = decode(encode(container, codec, pcm, rate, layout=layout))

    assert decoded.channels.shape[0] == (2 if layout == "stereo" else 1)  # the mean, the first
    # Codecs pad to whole frames, of 64 ms at most.
    assert 2.0 - 0.07 <= decoded.channels.shape[1] / 16000 <= 2.0 + 0.14
    assert decoded.warnings == []
    body = decoded.channels[0, 8000:24000].astype(float)
    spectrum = np.abs(np.fft.rfft(body))
    assert np.argmax(spectrum) == pytest.approx(440, abs=2)  # 1 s: bins of 1 Hz


def test_the_audio_of_a_video_is_extracted(tone: Make, encode: Make) -> None:
    for container, codec, video in (
        ("mp4", "aac", "mpeg4"),
        ("matroska", "libopus", "mjpeg"),
        ("mpegts", "mp2", "mpeg2video"),
    ):
        decoded = decode(encode(container, codec, tone(1, 48000), video_codec=video))

        assert decoded.channels.shape[1] == pytest.approx(16000, abs=1200)
        assert np.abs(decoded.channels).max() > 5000


def test_split_keeps_every_channel_apart(tone: Make, wav: Make) -> None:
    pcm = tone(1, 44100, n_channels=3)

    decoded = decode(wav(pcm, 44100), is_mixed=False)

    levels = np.abs(decoded.channels).max(axis=1)
    assert decoded.channels.shape == (3, 16000)
    assert levels.tolist() == pytest.approx([8000, 4000, 2667], rel=0.01)


def test_eight_channels_of_an_m4a_come_apart_and_mix(tone: Make, encode: Make) -> None:
    data = encode("ipod", "aac", tone(1, 48000, n_channels=8), layout="7.1")

    assert decode(data, is_mixed=False).channels.shape[0] == 8
    assert decode(data).channels.shape[0] == 2  # the mean, the first


def test_silence_decodes_as_silence(wav: Make) -> None:
    decoded = decode(wav(np.zeros((16000, 1), np.int16), 16000))

    assert decoded.channels.shape == (1, 16000)
    assert not decoded.channels.any()


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 44100, 192000])
def test_159_ms_are_too_short_and_160_ms_are_not(wav: Make, rate: int) -> None:
    shortest = np.zeros((rate * 160 // 1000, 1), np.int16)
    collector = Collector()
    request = DecodeRequest(True, 0, None, HOUR_MS, HOUR_MS, 100)

    assert decode(wav(shortest, rate)).channels.shape == (1, 2560)
    with pytest.raises(MediaRefused) as refused:
        decode_recording(io.BytesIO(wav(shortest[: -rate // 1000], rate)), request, collector)
    assert refused.value.reason is FailureReason.TOO_SHORT
    assert collector.info is None


def test_media_without_a_sample_is_too_short(wav: Make) -> None:
    with pytest.raises(MediaRefused) as refused:
        decode(wav(np.zeros((0, 1), np.int16), 16000))

    assert refused.value.reason is FailureReason.TOO_SHORT


def test_audio_over_the_limit_is_too_long_and_at_the_limit_is_not(wav: Make) -> None:
    data = wav(np.zeros((8000 * 5, 1), np.int16), 8000)

    assert decode(data, max_duration_ms=5000).channels.shape[1] == 80000
    with pytest.raises(MediaRefused) as refused:
        decode(data, max_duration_ms=4000)
    assert refused.value.reason is FailureReason.TOO_LONG


def test_channels_count_towards_the_limit_only_when_they_are_split(wav: Make) -> None:
    data = wav(np.zeros((8000 * 5, 4), np.int16), 8000)

    assert decode(data, max_channel_ms=10_000).channels.shape == (2, 80000)
    with pytest.raises(MediaRefused) as refused:
        decode(data, max_channel_ms=10_000, is_mixed=False)
    assert refused.value.reason is FailureReason.TOO_LONG


def test_a_header_that_claims_ten_hours_gives_what_is_there(tone: Make, wav: Make) -> None:
    decoded = decode(wav(tone(1, 8000), 8000, claimed_bytes=36_000 * 16_000))

    assert decoded.channels.shape[1] == 16000
    assert decoded.warnings == [TRUNCATED]


@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("wav", "pcm_s16le"),
        ("flac", "flac"),
        ("mp3", "libmp3lame"),
        ("ogg", "libopus"),
        ("webm", "libopus"),
        ("mov", "aac"),
    ],
)
def test_truncated_media_gives_what_decodes_and_a_warning(
    tone: Make, encode: Make, tmp_path: Path, container: str, codec: str
) -> None:
    noisy = tone(6, 48000) + np.random.default_rng(1).integers(-200, 200, (6 * 48000, 1), np.int16)
    options = {"movflags": "faststart"} if container == "mov" else {}
    data = encode(container, codec, noisy, options=options, target=tmp_path / "whole")

    decoded = decode(data[: len(data) // 2])

    assert 1.5 < decoded.channels.shape[1] / 16000 < 4.5
    assert decoded.warnings == [TRUNCATED]


def test_damage_in_the_middle_gives_a_warning_and_the_rest(tone: Make, encode: Make) -> None:
    data = bytearray(encode("mp4", "aac", tone(9, 48000)))
    begin = len(data) // 3
    data[begin : begin + len(data) // 10] = b"\xff" * (len(data) // 10)

    decoded = decode(bytes(data))

    assert decoded.channels.shape[1] / 16000 == pytest.approx(9, abs=0.1)
    assert decoded.warnings == [DAMAGED]


def test_a_start_time_that_is_not_zero_does_not_delay_the_audio(tone: Make, encode: Make) -> None:
    decoded = decode(encode("mpegts", "mp2", tone(1, 48000), start_s=100.0))

    assert decoded.channels.shape[1] == pytest.approx(16000, abs=800)
    assert loud_from_s(decoded.channels[0]) < 0.05


def test_audio_that_begins_after_the_video_keeps_its_place(tone: Make, encode: Make) -> None:
    data = encode("matroska", "flac", tone(1, 48000), start_s=0.7, video_codec="mpeg4")

    decoded = decode(data)

    assert loud_from_s(decoded.channels[0]) == pytest.approx(0.7, abs=0.002)
    assert decoded.channels.shape[1] == pytest.approx(1.7 * 16000, abs=32)


def test_a_pause_of_the_recorder_is_silence(tone: Make, encode: Make) -> None:
    data = encode("matroska", "pcm_s16le", tone(2, 48000), pauses={1.0: 1.5})

    pcm = decode(data).channels[0]

    assert len(pcm) == pytest.approx(3.5 * 16000, abs=32)
    assert not pcm[int(1.1 * 16000) : int(2.4 * 16000)].any()
    assert loud_from_s(pcm[int(1.1 * 16000) :]) == pytest.approx(1.4, abs=0.01)


def test_a_change_of_rate_and_channels_goes_on(tone: Make, encode: Make) -> None:
    first = encode("adts", "aac", tone(1, 48000, n_channels=2), layout="stereo")
    second = encode("adts", "aac", tone(1, 16000), 16000)

    mixed = decode(first + second)
    split = decode(first + second, is_mixed=False)

    assert mixed.channels.shape[1] == pytest.approx(32000, abs=4500)
    assert mixed.warnings == []
    assert split.channels.shape == (2, mixed.channels.shape[1])
    assert np.array_equal(split.channels[0, -8000:], split.channels[1, -8000:])
    assert split.warnings == [CHANNELS_CHANGED]


def clicks(seconds: int, rate: int) -> npt.NDArray[np.int16]:
    """A click at every half second, each of its own height."""
    pcm = np.zeros((seconds * rate, 1), np.int16)
    for index in range(1, 2 * seconds):
        at = index * rate // 2
        pcm[at : at + rate // 1000, 0] = 8000 + 300 * index
    return pcm


@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("wav", "pcm_s16le"),
        ("aiff", "pcm_s16be"),
        ("au", "pcm_s16be"),
        ("caf", "pcm_s16le"),
        ("w64", "pcm_s16le"),
        ("flac", "flac"),
        ("wv", "wavpack"),
        ("mp4", "aac"),
        ("mov", "alac"),
        ("webm", "libopus"),
        ("mp3", "libmp3lame"),
        ("ogg", "libopus"),
    ],
)
@pytest.mark.parametrize("start_ms", [0, 1234, 15_000, 20_750])
def test_a_window_is_a_slice_of_the_whole(
    encode: Make, container: str, codec: str, start_ms: int
) -> None:
    data = encode(container, codec, clicks(24, 48000))
    whole = decode(data).channels[0]

    window = decode(data, start_ms=start_ms, end_ms=start_ms + 2000).channels[0]

    assert len(window) == 32000
    expected = whole[start_ms * 16 : start_ms * 16 + 32000].astype(float)
    # A resampler that starts elsewhere rounds elsewhere; a shift by one sample would show.
    agreement = np.dot(window, expected) / np.dot(expected, expected)
    assert agreement == pytest.approx(1.0, abs=0.01)


def test_a_window_past_the_end_is_too_short(tone: Make, wav: Make) -> None:
    for start_ms in (2000, 60_000):
        with pytest.raises(MediaRefused) as refused:
            decode(wav(tone(1, 16000), 16000), start_ms=start_ms)
        assert refused.value.reason is FailureReason.TOO_SHORT


def test_a_window_says_nothing_of_what_lies_outside_it(tone: Make, wav: Make) -> None:
    data = wav(tone(3, 16000), 16000)[:-3000]

    assert decode(data, end_ms=1000).warnings == []


def test_skipping_ahead_reports_progress(encode: Make) -> None:
    data = encode("adts", "aac", np.zeros((8000 * 200, 1), np.int16), 8000)

    decoded = decode(data, start_ms=190_000)

    assert len(decoded.progress) == 3
    assert decoded.progress == sorted(decoded.progress)


def test_less_is_enough_where_that_is_asked_for(wav: Make) -> None:
    shortest = np.zeros((16 * 80, 1), np.int16)
    request = DecodeRequest(True, 0, None, HOUR_MS, HOUR_MS, 100, min_duration_ms=80)
    collector = Collector()

    decode_recording(io.BytesIO(wav(shortest, 16000)), request, collector)
    assert collector.channels.shape == (1, 1280)
    with pytest.raises(MediaRefused):
        decode_recording(io.BytesIO(wav(shortest[:-16], 16000)), request, Collector())
