"""Untrusted media -> decoded frames, through an allow-list of containers and codecs.

FFmpeg reads one open file and can open no other: playlists and image sequences are not on the list,
no protocol is allowed, and a request for another file is refused.
"""

import errno
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.codec import codecs_available
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Discard

from earshot.audio.decoding.protocol import MAX_CHANNELS, FailureReason

# FFmpeg's names. Every container of prerecorded.md, section 10, and those that telephone systems
# write. Left out on purpose: whatever opens other files (hls, dash, concat, image2) or has no use.
DEMUXERS = (
    *("aac", "ac3", "aiff", "amr", "amrnb", "amrwb", "ape", "asf", "au", "avi", "caf", "dsf"),
    *("dss", "dts", "dtshd", "eac3", "flac", "flv", "gxf", "iff", "ircam", "loas", "lvf"),
    *("matroska", "mlp", "mov", "mp3", "mpc", "mpc8", "mpeg", "mpegts", "mxf", "nistsphere"),
    *("nut", "oma", "ogg", "pvf", "qcp", "rso", "shn", "sox", "svs", "tak", "truehd", "tta"),
    *("voc", "vqf", "w64", "wav", "wsaud", "wtv", "wv", "xwma"),
)
CODECS = (
    *("8svx_exp", "8svx_fib", "aac", "aac_latm", "ac3", "alac", "als", "amrnb", "amrwb", "ape"),
    *("libopencore_amrnb", "libopencore_amrwb", "atrac1", "atrac3", "atrac3plus", "dca"),
    *("dsd_lsbf", "dsd_lsbf_planar", "dsd_msbf", "dsd_msbf_planar", "dss_sp", "eac3", "evrc"),
    *("flac", "g722", "g723_1", "g726", "g726le", "g728", "g729", "gsm", "gsm_ms", "ilbc", "iac"),
    *("mlp", "mp1", "mp1float", "mp2", "mp2float", "mp3", "mp3float", "mp3on4", "mp3on4float"),
    *("mpc7", "mpc8", "nellymoser", "libopus", "opus", "qcelp", "qdm2", "qdmc", "s302m"),
    *("shorten", "sipr", "siren", "speex", "libspeex", "tak", "truehd", "truespeech", "tta"),
    *("twinvq", "vorbis", "wavpack", "wmalossless", "wmapro", "wmav1", "wmav2", "wmavoice"),
)
CODEC_FAMILIES = ("pcm_", "adpcm_")
# Containers whose timestamps mean something; the rest are streams in which only the count of
# samples does.
TIMED_DEMUXERS = frozenset(
    {"asf", "avi", "flv", "gxf", "matroska", "mov", "mpeg", "mpegts", "mxf", "nut", "ogg", "wtv"}
)
# Containers that state their true duration, so that less than it means truncated; the rest derive
# it from size and bit rate.
DURATION_DEMUXERS = frozenset(
    {"aiff", "ape", "au", "caf", "flac", "matroska", "mov", "tta", "w64", "wav", "wv"}
)
# Containers in which a jump lands where the timestamp says, to the sample; the second lot with PCM
# only. Matroska and FLV are off by a codec delay, raw streams guess by bit rate.
SEEKABLE_DEMUXERS = frozenset({"flac", "mov", "wv"})
SEEKABLE_PCM_DEMUXERS = frozenset({"aiff", "au", "caf", "w64", "wav"})
MIN_SAMPLE_RATE = 4_000  # Hz; below are only broken headers
MAX_SAMPLE_RATE = 768_000  # Hz; DSD decodes to 352,800 and its doubles
READ_BYTES = 1 << 17  # per read of the file
TYPICAL_PACKET_S = 0.02  # for one that does not state its duration
MAX_BAD_PACKETS = 1_000  # in a row, from the start: then it is not audio


class MediaRefused(Exception):
    """The media cannot be used; `note` says why, in words fit for the caller."""

    def __init__(self, reason: FailureReason, note: str) -> None:
        super().__init__(note)
        self.reason = reason
        self.note = note


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What the headers and the first frame say."""

    container: str
    codec: str
    n_channels: int
    sample_rate: int
    duration_s: float | None


@dataclass(frozen=True, slots=True)
class TimedFrame:
    """A decoded frame and its timestamp in seconds, on the container's clock."""

    frame: AudioFrame
    pts_s: float | None


class MediaSource:
    """The best audio track of one open media file."""

    def __init__(self, media: BinaryIO) -> None:
        """Read the headers; raises MediaRefused. The file stays the caller's to close."""
        self._container = _open_container(media)
        self._stream = _best_audio(self._container)
        self.demuxer = _demuxer_of(self._container)
        self.is_timed = self.demuxer in TIMED_DEMUXERS
        is_pcm = self._stream.codec_context.name.startswith("pcm_")
        self.is_seekable = self.demuxer in SEEKABLE_DEMUXERS or (
            is_pcm and self.demuxer in SEEKABLE_PCM_DEMUXERS
        )
        self.lost_s = 0.0  # of packets that did not decode
        self.ended_in_damage = False  # the last packet was one of them
        self.broke_off = False  # the container itself could not be read to its end

    @property
    def duration_s(self) -> float | None:
        """What the header claims or FFmpeg estimates."""
        stream, container = self._stream, self._container
        if stream.duration is not None and stream.time_base is not None:
            return float(stream.duration * stream.time_base)
        return None if container.duration is None else container.duration / av.time_base

    @property
    def has_stated_duration(self) -> bool:
        """Whether `duration_s` is what this track should have, so that less means truncated."""
        is_of_this_track = self._stream.duration is not None or not self._container.streams.video
        return self.demuxer in DURATION_DEMUXERS and is_of_this_track

    @property
    def origin_s(self) -> float | None:
        """The timestamp at which a player starts its clock; None: the first frame's."""
        # PyAV's stubs leave out that it may be unknown.
        start: int | None = self._container.start_time
        return None if start is None else start / av.time_base

    def info(self, first: AudioFrame) -> SourceInfo:
        """Facts by the first frame rather than by the header, which may lie."""
        return SourceInfo(
            container=self.demuxer,
            codec=self._stream.codec_context.name,
            n_channels=first.layout.nb_channels,
            sample_rate=first.sample_rate,
            duration_s=self.duration_s,
        )

    def seek(self, position_s: float) -> None:
        """Jump to before that time on the container's clock; raises FFmpegError if it cannot."""
        assert self._stream.time_base is not None
        self._container.seek(int(position_s / self._stream.time_base), stream=self._stream)

    def frames(self) -> Iterator[TimedFrame]:
        """Decode from here to the end, passing over what is damaged; raises MediaRefused."""
        has_frame = False
        n_bad = 0
        for packet in self._packets():
            try:
                decoded = self._stream.decode(packet)
            except FFmpegError as error:
                _reraise_if_out_of_memory(error)
                n_bad += 1
                self._count_loss(packet)
                if not has_frame and n_bad > MAX_BAD_PACKETS:
                    break
                continue
            for frame in decoded:
                has_frame = True
                self.ended_in_damage = False
                _check_shape(frame)
                yield TimedFrame(frame, _pts_s(frame))
        if n_bad and not has_frame:
            raise MediaRefused(FailureReason.UNREADABLE, "its audio does not decode")

    def _packets(self) -> "Iterator[Packet[AudioStream] | None]":
        try:
            yield from self._container.demux(self._stream)
        except FFmpegError as error:
            _reraise_if_out_of_memory(error)
            self.broke_off = True
            yield None  # what the decoder still holds
        except IndexError:
            # PyAV trips over tracks that turned up on the way, once it has handed out all packets.
            return

    def _count_loss(self, packet: "Packet[AudioStream] | None") -> None:
        self.ended_in_damage = True
        if packet is not None and packet.duration:
            self.lost_s += float(packet.duration * packet.time_base)
        else:
            self.lost_s += TYPICAL_PACKET_S

    def close(self) -> None:
        self._container.close()


def _open_container(media: BinaryIO) -> InputContainer:
    options = {
        "format_whitelist": ",".join(DEMUXERS),
        "codec_whitelist": ",".join(_allowed_codecs()),
        "protocol_whitelist": "none",
    }
    try:
        return av.open(
            media,
            mode="r",
            options=options,
            metadata_errors="replace",  # tags are written in many encodings, and never read here
            io_open=_refuse_other_file,
            buffer_size=READ_BYTES,
        )
    except PermissionError as error:
        raise MediaRefused(FailureReason.UNREADABLE, "it refers to other files") from error
    except (FFmpegError, ValueError) as error:
        _reraise_if_out_of_memory(error)
        note = "no audio format that this server reads, or damaged headers"
        raise MediaRefused(FailureReason.UNREADABLE, note) from error


@functools.cache
def _allowed_codecs() -> tuple[str, ...]:
    families = (name for name in codecs_available if name.startswith(CODEC_FAMILIES))
    return (*CODECS, *sorted(families))


def _refuse_other_file(url: str, flags: int, options: dict[str, str]) -> BinaryIO:  # noqa: ARG001 - PyAV's signature
    raise PermissionError(errno.EACCES, "the media refers to another file")


def _best_audio(container: InputContainer) -> AudioStream:
    """The track FFmpeg deems best, or else the first that can be decoded."""
    best = container.streams.best("audio")
    if best is None:
        raise MediaRefused(FailureReason.UNREADABLE, "it has no audio track")
    for stream in (best, *container.streams.audio):
        if isinstance(stream, AudioStream) and _codec_name(stream) in _allowed_codecs():
            break
    else:
        raise MediaRefused(FailureReason.UNREADABLE, "its audio is in a codec that is not read")
    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all
    stream.codec_context.thread_count = 1  # the child may not start threads
    return stream


def _codec_name(stream: AudioStream) -> str | None:
    # PyAV's stubs leave out that a stream without a decoder has no codec context.
    context: AudioCodecContext | None = stream.codec_context
    return None if context is None else context.codec.name


def _demuxer_of(container: InputContainer) -> str:
    return container.format.name.split(",")[0]  # "mov,mp4,m4a,3gp,3g2,mj2"


def _check_shape(frame: AudioFrame) -> None:
    if not 1 <= frame.layout.nb_channels <= MAX_CHANNELS:
        note = f"{frame.layout.nb_channels} channels, at most {MAX_CHANNELS} are read"
        raise MediaRefused(FailureReason.UNREADABLE, note)
    if not MIN_SAMPLE_RATE <= frame.sample_rate <= MAX_SAMPLE_RATE:
        note = f"a sample rate of {frame.sample_rate} Hz"
        raise MediaRefused(FailureReason.UNREADABLE, note)


def _pts_s(frame: AudioFrame) -> float | None:
    if frame.pts is None or frame.time_base is None:
        return None
    return float(frame.pts * frame.time_base)


def _reraise_if_out_of_memory(error: Exception) -> None:
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        raise MemoryError from error
