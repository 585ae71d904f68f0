"""One decode from open file to blocks: source, timeline, conversion and window joined."""

from array import array
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO, Protocol

from av.error import FFmpegError

from earshot.audio.decoding.completeness import ends_early, has_frame_count
from earshot.audio.decoding.conversion import Converter, n_block_channels
from earshot.audio.decoding.protocol import (
    BYTES_PER_SAMPLE,
    SAMPLE_RATE,
    TRUNCATED,
    DecodeRequest,
    FailureReason,
)
from earshot.audio.decoding.source import (
    MediaRefused,
    MediaSource,
    SourceInfo,
    TimedFrame,
)
from earshot.audio.decoding.timeline import Timeline
from earshot.audio.decoding.writer import BlockWriter

SETTLE_SAMPLES = (
    SAMPLE_RATE // 2
)  # converted before the window, so that the resampler starts outside it
# Shorter than the claim by less is rounding and codec delay.
TRUNCATION_TOLERANCE_S = 0.5
SEEK_LEAD_SAMPLES = 2 * SAMPLE_RATE  # decoded before the window, so that codecs settle, too
MIN_SEEK_SAMPLES = 10 * SAMPLE_RATE  # decoding that much costs less than a jump that misses
LOST_S_WORTH_A_WARNING = 0.1  # trailing tags and padding make one bad packet in good files
PROGRESS_EVERY_SAMPLES = 60 * SAMPLE_RATE  # while skipping ahead

DAMAGED = "Damaged media: what decodes is transcribed"
CHANNELS_CHANGED = "The number of channels changes within the media; the first is kept"


class Listener(Protocol):
    """What is told of a decode as it goes on."""

    def on_info(self, info: SourceInfo, n_block_channels: int) -> None: ...
    def on_block(self, pcm: bytes) -> None: ...
    def on_progress(self, position_samples: int) -> None: ...


class SeekMissed(Exception):
    """The container jumped past the window instead of before it."""


def decode_recording(media: BinaryIO, request: DecodeRequest, listener: Listener) -> list[str]:
    """Send the wanted window to the listener; returns warnings; raises MediaRefused.

    The listener hears of nothing before there is as much audio as is asked for at least.
    """
    try:
        return _Decode(media, request, listener).run(may_seek=True)
    except SeekMissed:
        media.seek(0)
        return _Decode(media, request, listener).run(may_seek=False)


class _Decode:
    """The state of one decode."""

    def __init__(self, media: BinaryIO, request: DecodeRequest, listener: Listener) -> None:
        self._media = media
        self._request = request
        self._listener = listener
        self._source = MediaSource(media)
        self._start_samples = ms_to_samples(request.start_ms)
        self._timeline = Timeline(
            is_timed=self._source.is_timed,
            origin_s=self._source.origin_s,
            duration_s=self._source.duration_s,
        )
        self._converter: Converter | None = None
        self._run_samples = 0  # where the converter's next output belongs
        self._progress_samples = 0
        self._warnings: list[str] = []

    def run(self, *, may_seek: bool) -> list[str]:
        frames = self._source.frames()
        first = next(frames, None)
        if first is None:
            raise MediaRefused(FailureReason.TOO_SHORT, "no audio in it")
        self._open_window(self._source.info(first.frame))
        has_jumped = may_seek and self._jump(first)
        frames = self._source.frames() if has_jumped else chain((first,), frames)
        self._take_all(frames, has_jumped=has_jumped)
        self._finish_run()
        shortest_ms = self._request.min_duration_ms
        if self._writer.n_written < ms_to_samples(shortest_ms):
            raise MediaRefused(FailureReason.TOO_SHORT, f"under {shortest_ms} ms")
        self._writer.flush()
        self._source.close()
        return self._warnings

    def _open_window(self, info: SourceInfo) -> None:
        request = self._request
        self._info: SourceInfo | None = info
        self._n_channels = n_block_channels(info.n_channels, is_mixed=request.is_mixed)
        n_output = 1 if request.is_mixed else self._n_channels
        self._max_samples = min(
            ms_to_samples(request.max_duration_ms),
            self._start_samples + ms_to_samples(request.max_channel_ms) // n_output,
        )
        self._writer = BlockWriter(
            self._send,
            n_channels=self._n_channels,
            start_samples=self._start_samples,
            end_samples=None if request.end_ms is None else ms_to_samples(request.end_ms),
        )

    def _send(self, pcm: bytes) -> None:
        if self._info is not None:
            self._listener.on_info(self._info, self._n_channels)
            self._info = None
        self._listener.on_block(pcm)

    def _jump(self, first: TimedFrame) -> bool:
        """Seek to before the window where that pays and is exact; whether it was done."""
        if self._start_samples < MIN_SEEK_SAMPLES or not self._source.is_seekable:
            return False
        if first.pts_s is None:
            return False
        self._timeline.place(first.pts_s, first.frame.samples, first.frame.sample_rate)
        lead_s = (self._start_samples - SEEK_LEAD_SAMPLES) / SAMPLE_RATE
        try:
            self._source.seek(self._timeline.origin_s + lead_s)
        except FFmpegError as error:
            raise SeekMissed from error
        self._timeline.resync()
        return True

    def _take_all(self, frames: Iterator[TimedFrame], *, has_jumped: bool) -> None:
        for timed in frames:
            start_samples = self._place(timed)
            if has_jumped and (timed.pts_s is None or start_samples > self._start_samples):
                raise SeekMissed
            has_jumped = False
            if start_samples > self._max_samples:
                raise MediaRefused(FailureReason.TOO_LONG, "")
            if self._is_needed():
                self._convert(timed, start_samples)
            if self._writer.is_full:
                return
        if has_jumped:
            raise SeekMissed
        self._note_damage()

    def _place(self, timed: TimedFrame) -> int:
        """Where the frame begins; ends the run of frames that it does not follow on."""
        frame = timed.frame
        expected_s = self._timeline.next_s
        start_s = self._timeline.place(timed.pts_s, frame.samples, frame.sample_rate)
        if self._converter and not (start_s == expected_s and self._converter.fits(frame)):
            self._finish_run()
        return round(start_s * SAMPLE_RATE)

    def _is_needed(self) -> bool:
        """Whether what was placed last reaches the window; reports how far skipping has come."""
        end_samples = int(self._timeline.next_s * SAMPLE_RATE)
        if end_samples >= self._start_samples - SETTLE_SAMPLES:
            return True
        if end_samples >= self._progress_samples + PROGRESS_EVERY_SAMPLES:
            self._progress_samples = end_samples
            self._listener.on_progress(end_samples)
        return False

    def _convert(self, timed: TimedFrame, start_samples: int) -> None:
        if self._converter is None:
            self._converter = Converter(timed.frame, is_mixed=self._request.is_mixed)
            self._run_samples = start_samples
        self._write(self._converter, self._converter.convert(timed.frame))

    def _finish_run(self) -> None:
        if self._converter is not None:
            self._write(self._converter, self._converter.finish())
            self._converter = None

    def _write(self, converter: Converter, parts: Iterator[bytes]) -> None:
        for part in parts:
            pcm = part
            if converter.n_channels != self._n_channels:
                if not self._request.is_mixed:
                    self._warn(CHANNELS_CHANGED)
                pcm = _with_channels(part, converter.n_channels, self._n_channels)
            self._writer.write(self._run_samples, pcm)
            self._run_samples += len(pcm) // (self._n_channels * BYTES_PER_SAMPLE)

    def _note_damage(self) -> None:
        source = self._source
        if self._is_truncated():
            self._warn(TRUNCATED)
        elif source.lost_s >= LOST_S_WORTH_A_WARNING:
            self._warn(TRUNCATED if source.ended_in_damage else DAMAGED)

    def _is_truncated(self) -> bool:
        source = self._source
        if source.broke_off or ends_early(self._media, source.demuxer):
            return True
        is_stated = source.has_stated_duration or (
            source.demuxer == "mp3" and has_frame_count(self._media)
        )
        if not is_stated or source.duration_s is None:
            return False
        return source.duration_s - self._timeline.next_s > TRUNCATION_TOLERANCE_S

    def _warn(self, warning: str) -> None:
        if warning not in self._warnings:
            self._warnings.append(warning)


def ms_to_samples(ms: int) -> int:
    return ms * SAMPLE_RATE // 1000  # exact: 16 samples per ms


def _with_channels(pcm: bytes, n_found: int, n_wanted: int) -> bytes:
    """Interleaved PCM: surplus channels dropped, missing ones silent, one alone copied to all."""
    found = array("h", pcm)
    wanted = array("h", bytes(len(pcm) // n_found * n_wanted))
    for index in range(n_wanted):
        if index < n_found or n_found == 1:
            wanted[index::n_wanted] = found[min(index, n_found - 1) :: n_found]
    return wanted.tobytes()
