"""Compressed audio as live clients send it, made on the spot."""

import io
from typing import Final

import av
import numpy as np

from earshot.audio.waveform import SAMPLE_RATE, Samples, pcm16_from_samples

CONTAINERS: Final = {"opus": "ogg", "ogg_opus": "ogg", "aac": "adts"}
CODECS: Final = {"opus": "libopus", "ogg_opus": "libopus", "aac": "aac"}
PIECE_BYTES: Final = 331  # no number that a format knows


def compress(encoding: str, samples: Samples, *, layout: str = "mono") -> list[bytes]:
    """Chunks of that encoding: packets, or pieces of a file that is cut anywhere."""
    media = _encode(encoding, samples, layout)
    if encoding == "opus":
        return packets_of(media)
    return [media[begin : begin + PIECE_BYTES] for begin in range(0, len(media), PIECE_BYTES)]


def packets_of(media: bytes) -> list[bytes]:
    with av.open(io.BytesIO(media), "r") as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


def _encode(encoding: str, samples: Samples, layout: str) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=CONTAINERS[encoding]) as output:
        stream = output.add_stream(CODECS[encoding], rate=SAMPLE_RATE)
        assert isinstance(stream, av.AudioStream)
        stream.layout = layout
        stream.bit_rate = 32_000
        pcm = np.frombuffer(pcm16_from_samples(samples), dtype="<i2")
        interleaved = np.repeat(pcm, stream.layout.nb_channels).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(interleaved, format="s16", layout=layout)
        frame.sample_rate = SAMPLE_RATE
        frame.pts = 0
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return buffer.getvalue()
