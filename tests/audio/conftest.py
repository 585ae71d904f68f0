"""Media made on the spot: no recording is needed to test a decoder."""

import io
import struct
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest
from av.container import OutputContainer

Pcm = npt.NDArray[np.int16]  # (n_samples, n_channels)


def make_tone(
    seconds: float, rate: int, *, n_channels: int = 1, hertz: float = 440.0, level: float = 8000.0
) -> Pcm:
    """A sine; channel k is quieter by 1/(k+1)."""
    wave = level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)
    gains = 1 / np.arange(1, n_channels + 1)
    return np.rint(wave[:, None] * gains[None, :]).astype(np.int16)


def make_wav(pcm: Pcm, rate: int, *, claimed_bytes: int | None = None) -> bytes:
    """A WAV file, whose header may claim another size of its data."""
    data = pcm.astype("<i2").tobytes()
    n_channels = pcm.shape[1]
    layout = (b"fmt ", 16, 1, n_channels, rate, rate * n_channels * 2 % 2**32, n_channels * 2, 16)
    size = len(data) if claimed_bytes is None else claimed_bytes
    body = b"WAVE" + struct.pack("<4sIHHIIHH", *layout) + struct.pack("<4sI", b"data", size) + data
    return struct.pack("<4sI", b"RIFF", min(size + 36, 2**32 - 1)) + body


def encode_media(
    container: str,
    codec: str,
    pcm: Pcm | None,
    rate: int = 48_000,
    *,
    layout: str = "mono",
    sample_format: str | None = None,
    start_s: float = 0.0,
    pauses: dict[float, float] | None = None,
    video_codec: str | None = None,
    options: dict[str, str] | None = None,
    target: Path | None = None,
) -> bytes:
    """Encode with FFmpeg. `pauses`: at that second of the audio, the clock leaps by so many.

    `target`: for what FFmpeg writes only to a named file, such as `faststart`.
    """
    buffer = io.BytesIO()
    with av.open(
        buffer if target is None else str(target), "w", format=container, options=options or {}
    ) as output:
        # All streams before the first packet: FFmpeg then writes the header.
        video = None if video_codec is None else _add_video(output, video_codec)
        if pcm is not None:
            audio = _add_audio(output, codec, rate, layout)
            if sample_format is not None:
                audio.format = sample_format
            _write_audio(output, audio, pcm, start_s, pauses or {})
        if video is not None:
            _write_video(output, video)
    return buffer.getvalue() if target is None else target.read_bytes()


def _add_video(output: OutputContainer, codec: str) -> av.VideoStream:
    stream = output.add_stream(codec, rate=10)
    assert isinstance(stream, av.VideoStream)
    stream.width, stream.height = 64, 64
    stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    return stream


def _add_audio(output: OutputContainer, codec: str, rate: int, layout: str) -> av.AudioStream:
    stream = output.add_stream(codec, rate=rate)
    assert isinstance(stream, av.AudioStream)
    stream.layout = layout
    if codec == "wmav2":
        stream.bit_rate = 128_000  # its encoder takes no other's default
    return stream


def _write_video(output: OutputContainer, stream: av.VideoStream) -> None:
    for index in range(10):
        frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), index * 20, np.uint8), "rgb24")
        frame.pts = index
        output.mux(stream.encode(frame))
    output.mux(stream.encode(None))


def _write_audio(
    output: OutputContainer,
    stream: av.AudioStream,
    pcm: Pcm,
    start_s: float,
    pauses: dict[float, float],
) -> None:
    rate = stream.rate
    step = rate // 50  # 20 ms
    for begin in range(0, len(pcm), step):
        part = np.ascontiguousarray(pcm[begin : begin + step]).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(part, format="s16", layout=stream.layout.name)
        frame.sample_rate = rate
        leaps_s = sum(leap for at, leap in pauses.items() if begin >= at * rate)
        frame.pts = begin + round((start_s + leaps_s) * rate)
        output.mux(stream.encode(frame))
    output.mux(stream.encode(None))


@pytest.fixture
def tone() -> Callable[..., Pcm]:
    return make_tone


@pytest.fixture
def wav() -> Callable[..., bytes]:
    return make_wav


@pytest.fixture
def encode() -> Callable[..., bytes]:
    return encode_media
