"""Whether a file ends before its own headers say, where FFmpeg does not tell.

FFmpeg takes the size of a WAV file over its header, and cannot end an Ogg stream but where it ends.
"""

import os
import struct
from typing import BinaryIO

CHUNK = struct.Struct("<4sI")  # RIFF: name, size
MAX_CHUNKS = 64
# Programs that write WAV into a pipe put about the largest number there, signed or unsigned.
UNKNOWN_SIZE = 0x7FFF_0000

OGG_PAGE = struct.Struct("<4sBBqIIIB")  # mark, version, flags, position, serial, n, CRC, segments
MAX_OGG_PAGE_BYTES = 27 + 255 + 255 * 255

ID3_HEADER_BYTES = 10
MP3_FRAME_BYTES = 2048  # holds a frame of any bit rate
MP3_FRAME_COUNTS = (b"Xing", b"Info", b"VBRI")


def ends_early(media: BinaryIO, demuxer: str) -> bool:
    """Whether bytes are missing at the end of a WAV or Ogg file; False for other containers."""
    if demuxer == "wav":
        return _is_wav_cut(media)
    return demuxer == "ogg" and _is_ogg_cut(media)


def has_frame_count(media: BinaryIO) -> bool:
    """Whether an MP3 file states how many frames it has, rather than leaving that to its size."""
    head = _read_at(media, 0, ID3_HEADER_BYTES)
    begin = 0
    if head.startswith(b"ID3") and len(head) == ID3_HEADER_BYTES:
        sizes = head[6:10]  # 7 bits each
        begin = ID3_HEADER_BYTES + sum(size << 7 * (3 - i) for i, size in enumerate(sizes))
    frame = _read_at(media, begin, MP3_FRAME_BYTES)
    return any(mark in frame for mark in MP3_FRAME_COUNTS)


def _is_wav_cut(media: BinaryIO) -> bool:
    n_bytes = media.seek(0, os.SEEK_END)
    if _read_at(media, 0, 4) != b"RIFF":  # RF64 keeps its sizes elsewhere
        return False
    position = 12  # after RIFF, size, WAVE
    for _ in range(MAX_CHUNKS):
        header = _read_at(media, position, CHUNK.size)
        if len(header) < CHUNK.size:
            return False
        name: bytes
        size: int
        name, size = CHUNK.unpack(header)
        position += CHUNK.size
        if name == b"data":
            return 0 < size < UNKNOWN_SIZE and position + size > n_bytes
        position += size + size % 2
    return False


def _is_ogg_cut(media: BinaryIO) -> bool:
    """Whether the last page is incomplete."""
    n_bytes = media.seek(0, os.SEEK_END)
    tail = _read_at(media, max(0, n_bytes - MAX_OGG_PAGE_BYTES), MAX_OGG_PAGE_BYTES)
    begin = tail.rfind(b"OggS")
    if begin < 0 or len(tail) - begin < OGG_PAGE.size:
        return True
    n_segments = tail[begin + OGG_PAGE.size - 1]
    sizes = tail[begin + OGG_PAGE.size : begin + OGG_PAGE.size + n_segments]
    page_bytes = OGG_PAGE.size + n_segments + sum(sizes)
    return len(sizes) < n_segments or len(tail) - begin < page_bytes


def _read_at(media: BinaryIO, position: int, n_bytes: int) -> bytes:
    media.seek(position)
    return media.read(n_bytes)
