"""Media files -> 16 kHz int16 blocks, decoded in confined child processes.

FFmpeg's parsers meet untrusted bytes and have had memory-safety faults: each file gets a process of
its own that can open nothing else, has limits on memory and time, and is ended after the file.
A few such processes stand ready, so that nobody waits for one to start. POSIX only.
"""

import logging
import math
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from earshot.audio.decoding.child import DecoderChild
from earshot.audio.decoding.protocol import DecodeRequest
from earshot.audio.decoding.session import DecodeSession
from earshot.audio.media import ChannelBlock, ChannelMode, DecodeOptions, MediaInfo
from earshot.audio.media_type import HEAD_BYTES, identify_media
from earshot.errors import AudioUnreadable, DecoderFailed

logger = logging.getLogger(__name__)

BYTES_PER_MB = 2**20


class DecodedMedia:
    """A recording that is being decoded; iterate over its blocks, once."""

    def __init__(self, info: MediaInfo, session: DecodeSession) -> None:
        self.info = info
        self._session = session
        self._blocks = session.blocks()

    def __iter__(self) -> Iterator[ChannelBlock]:
        """Blocks of at most 1 s, (n_channels, n_samples), without gaps, from the window's start.

        Raises AudioTooLong or DecoderFailed; it then has given what came before.
        """
        return self._blocks

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the caller should know about the media; complete after the last block."""
        return self._session.warnings

    @property
    def denied(self) -> tuple[str, ...]:
        """What the decoding process gave up before it saw the media."""
        return self._session.denied


class Decoder:
    """Decodes media files; any number of threads may use it at once. Close it in the end."""

    def __init__(self, options: DecodeOptions | None = None) -> None:
        """Starts the first processes and does not wait for them."""
        self._options = options or DecodeOptions()
        self._lock = threading.Lock()
        self._idle: deque[DecoderChild] = deque()
        self._is_closed = False
        self._replenish()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the processes that stand ready; decodes under way go on to their end."""
        with self._lock:
            self._is_closed = True
            idle = list(self._idle)
            self._idle.clear()
        for child in idle:
            child.stop()

    @contextmanager
    def open(
        self,
        path: Path,
        *,
        channels: ChannelMode = ChannelMode.MIX,
        start_ms: int = 0,
        end_ms: int | None = None,
    ) -> Iterator[DecodedMedia]:
        """A file's audio in [start_ms, end_ms), which may reach past its end.

        Raises AudioUnreadable, AudioTooShort (under 160 ms in the window), AudioTooLong,
        DecoderFailed, and OSError for a path that cannot be read.
        """
        request = self._request(channels, start_ms, end_ms)
        with path.open("rb") as media:
            media_type = identify_media(media.read(HEAD_BYTES))
            if not media_type.may_hold_audio:
                raise AudioUnreadable(media_type.describe())
            media.seek(0)
            child = self._take_child()
            try:
                session = DecodeSession(child, media, request, media_type, self._options)
                self._replenish()
                yield DecodedMedia(session.begin(), session)
            finally:
                child.stop()

    def _request(self, channels: ChannelMode, start_ms: int, end_ms: int | None) -> DecodeRequest:
        options = self._options
        longest_s = options.allowance_s + options.max_duration_ms / 1000 / options.min_speed
        return DecodeRequest(
            is_mixed=channels is ChannelMode.MIX,
            start_ms=start_ms,
            end_ms=end_ms,
            max_duration_ms=options.max_duration_ms,
            max_channel_ms=options.max_channel_duration_ms,
            max_cpu_s=math.ceil(longest_s),
            min_duration_ms=options.min_duration_ms,
        )

    def _take_child(self) -> DecoderChild:
        """The process that has been ready for longest, or a new one."""
        while True:
            with self._lock:
                if not self._idle:
                    break
                child = self._idle.popleft()
            if child.is_alive:
                return child
            logger.warning("decoder_found_dead", extra={"pid": child.pid, "ended": child.stop()})
        return self._start_child()

    def _replenish(self) -> None:
        """Start processes until as many stand ready as should; they get ready by themselves."""
        with self._lock:
            while not self._is_closed and len(self._idle) < self._options.n_warm_children:
                self._idle.append(self._start_child())

    def _start_child(self) -> DecoderChild:
        try:
            return DecoderChild(max_memory_bytes=self._options.max_memory_mb * BYTES_PER_MB)
        except OSError as error:
            raise DecoderFailed("The audio decoder cannot be started") from error
