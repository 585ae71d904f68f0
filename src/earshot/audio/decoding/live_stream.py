"""Compressed audio that arrives in pieces -> 16 kHz int16, mono, as soon as it can be told."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Final

from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.error import FFmpegError
from av.packet import Packet
from typing_extensions import override

from earshot.audio.decoding.ogg import OggReader
from earshot.audio.decoding.protocol import BYTES_PER_SAMPLE, SAMPLE_RATE

OPUS_RATE: Final = 48_000  # Hz: what its decoder gives, whatever the encoder was given
OPUS_HEAD: Final = b"OpusHead"
OPUS_TAGS: Final = b"OpusTags"
# A stray packet is passed over. So many, and a fifth of them all, are no accident.
MAX_BAD_PACKETS: Final = 10
MAX_BAD_SHARE: Final = 0.2
# Seconds of any bit rate; a picture in the comments may be longer, and is not sent live.
MAX_SILENT_BYTES: Final = 1 << 18
# Pieces without a frame of AAC in them: a frame has at most 8191 bytes (ISO 14496-3, 1.A.3).
MAX_BYTES_BEFORE_AAC: Final = 1 << 15


class StreamRefused(Exception):
    """This is no audio of that encoding; the text is fit for the caller."""


class LiveStreamDecoder(ABC):
    """One encoding: pieces in, PCM out. What follows a StreamRefused is undefined."""

    def __init__(self) -> None:
        self._resampler: AudioResampler | None = None
        self._shape: tuple[int, str, str] | None = None
        self._n_good = self._n_bad = 0
        self._n_silent_bytes = 0  # since the last audio

    def decode(self, piece: bytes) -> Iterator[bytes]:
        """PCM that is complete so far; raises StreamRefused."""
        self._n_silent_bytes += len(piece)
        try:
            yield from self._decode(piece)
        except MemoryError:
            raise
        except FFmpegError as error:  # of what takes frames apart
            raise StreamRefused("it does not decode") from error
        if self._n_silent_bytes > self._most_silent_bytes():
            raise StreamRefused("there is no audio of that encoding in it")

    def flush(self) -> Iterator[bytes]:
        """The rest."""
        yield from self._flush_decoder()
        yield from self._drain_resampler()

    @abstractmethod
    def _decode(self, piece: bytes) -> Iterator[bytes]: ...

    @abstractmethod
    def _flush_decoder(self) -> Iterator[bytes]: ...

    def _most_silent_bytes(self) -> int:
        return MAX_SILENT_BYTES

    def _convert(self, codec: AudioCodecContext, packet: "Packet[Any]") -> Iterator[bytes]:
        try:
            frames = codec.decode(packet)
            parts = [part for frame in frames for part in self._resample(frame)]
        except MemoryError:
            raise
        except FFmpegError:
            self._resampler = None  # a frame that it did not take may have broken it
            self._count_bad()
            return
        if frames:
            self._n_good += len(frames)
            self._n_silent_bytes = 0
        yield from parts

    def _count_bad(self) -> None:
        self._n_bad += 1
        n_packets = self._n_good + self._n_bad
        if self._n_bad >= MAX_BAD_PACKETS and self._n_bad > MAX_BAD_SHARE * n_packets:
            raise StreamRefused("it does not decode")

    def _resample(self, frame: AudioFrame) -> Iterator[bytes]:
        shape = frame.sample_rate, frame.format.name, frame.layout.name
        if shape != self._shape or self._resampler is None:
            yield from self._drain_resampler()
            self._resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
            self._shape = shape
        frame.pts = None  # the stream is gapless: keep the filters from thinking otherwise
        yield from map(_pcm, self._resampler.resample(frame))

    def _drain_resampler(self) -> Iterator[bytes]:
        if self._resampler is not None:
            yield from map(_pcm, self._resampler.resample(None))
            self._resampler = None


def _pcm(frame: AudioFrame) -> bytes:
    return bytes(memoryview(frame.planes[0])[: frame.samples * BYTES_PER_SAMPLE])


class OpusPackets(LiveStreamDecoder):
    """Each piece is one packet of Opus (RFC 6716); what is in stereo is mixed by the decoder."""

    def __init__(self) -> None:
        super().__init__()
        self._codec = _open_codec("libopus")
        self._codec.layout = "mono"
        self._codec.sample_rate = OPUS_RATE

    @override
    def _decode(self, piece: bytes) -> Iterator[bytes]:
        if piece:  # an empty one would end the stream
            yield from self._convert(self._codec, Packet(piece))

    @override
    def _flush_decoder(self) -> Iterator[bytes]:
        return iter(())  # it holds nothing back


class OggOpus(LiveStreamDecoder):
    """Opus in Ogg (RFC 7845); one stream at a time, which others may follow."""

    def __init__(self) -> None:
        super().__init__()
        self._reader = OggReader()
        self._serial: int | None = None
        self._codec: AudioCodecContext | None = None

    @override
    def _decode(self, piece: bytes) -> Iterator[bytes]:
        for serial, is_first, data in self._reader.read(piece):
            if is_first and data.startswith(OPUS_HEAD):
                self._serial = serial
                self._codec = _open_codec("libopus")
                self._codec.extradata = data  # channels, and how much of the start to skip
            elif self._codec is None and not is_first:  # the heads of all streams come first
                raise StreamRefused("there is no Opus stream in it")
            elif self._codec and serial == self._serial and data and data[:8] != OPUS_TAGS:
                yield from self._convert(self._codec, Packet(data))
        if self._reader.n_passed_bytes > 0 and self._codec is None:
            raise StreamRefused("it does not begin as an Ogg stream does")

    @override
    def _flush_decoder(self) -> Iterator[bytes]:
        return iter(())


class AdtsAac(LiveStreamDecoder):
    """AAC in ADTS frames, cut anywhere (ISO 14496-3, 1.A.2)."""

    def __init__(self) -> None:
        super().__init__()
        self._codec = _open_codec("aac")

    @override
    def _decode(self, piece: bytes) -> Iterator[bytes]:
        if not piece:  # an empty one would end the stream
            return
        for packet in self._codec.parse(piece):
            yield from self._convert(self._codec, packet)

    @override
    def _flush_decoder(self) -> Iterator[bytes]:
        for packet in self._codec.parse(b""):
            yield from self._convert(self._codec, packet)

    @override
    def _most_silent_bytes(self) -> int:
        return MAX_SILENT_BYTES if self._n_good else MAX_BYTES_BEFORE_AAC


def _open_codec(name: str) -> AudioCodecContext:
    codec = AudioCodecContext.create(name, "r")
    assert isinstance(codec, AudioCodecContext)
    codec.thread_count = 1  # the child may not start threads
    return codec


DECODERS: Final[dict[str, type[LiveStreamDecoder]]] = {
    "opus": OpusPackets,
    "ogg_opus": OggOpus,
    "aac": AdtsAac,
}
