"""PCM at known positions -> blocks of the wanted window, without gaps or overlaps."""

from collections.abc import Callable

from earshot.audio.decoding.protocol import BLOCK_SAMPLES, BYTES_PER_SAMPLE


class BlockWriter:
    """Sends the part of what it is given that lies in [start, end), gaps filled with silence.

    Positions are samples per channel since the start of the media.
    """

    def __init__(
        self,
        send: Callable[[bytes], None],
        *,
        n_channels: int,
        start_samples: int,
        end_samples: int | None,
    ) -> None:
        self._send = send
        self._frame_bytes = n_channels * BYTES_PER_SAMPLE
        self._start_samples = start_samples
        self._end_samples = end_samples
        self._pending = bytearray()
        self.position_samples = start_samples  # up to where all has been taken

    @property
    def n_written(self) -> int:
        """Samples per channel since the start of the window."""
        return self.position_samples - self._start_samples

    @property
    def is_full(self) -> bool:
        return self._end_samples is not None and self.position_samples >= self._end_samples

    def write(self, position_samples: int, pcm: bytes) -> None:
        """Take interleaved PCM that begins there; what lies before the position is dropped."""
        begin = max(position_samples, self.position_samples)
        end = position_samples + len(pcm) // self._frame_bytes
        if self._end_samples is not None:
            end = min(end, self._end_samples)
        if end <= begin:
            return
        self.fill(begin)
        offset = (begin - position_samples) * self._frame_bytes
        n_bytes = (end - begin) * self._frame_bytes
        self._take(memoryview(pcm)[offset : offset + n_bytes])

    def fill(self, position_samples: int) -> None:
        """Silence up to there."""
        if self._end_samples is not None:
            position_samples = min(position_samples, self._end_samples)
        silence = bytes(BLOCK_SAMPLES * self._frame_bytes)
        while (missing := position_samples - self.position_samples) > 0:
            self._take(memoryview(silence)[: missing * self._frame_bytes])

    def flush(self) -> None:
        """Send what is left of the last block."""
        if self._pending:
            self._send(bytes(self._pending))
            self._pending.clear()

    def _take(self, pcm: memoryview) -> None:
        self._pending += pcm
        self.position_samples += len(pcm) // self._frame_bytes
        block_bytes = BLOCK_SAMPLES * self._frame_bytes
        while len(self._pending) >= block_bytes:
            self._send(bytes(self._pending[:block_bytes]))
            del self._pending[:block_bytes]
