"""Ogg pages to packets, as they come: the file may be cut anywhere into pieces (RFC 3533)."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

MARK = b"OggS"
# mark, version, flags, granule position, serial, page number, CRC, segments
PAGE = struct.Struct("<4sBBqIIIB")
CONTINUES, BEGINS = 0x01, 0x02  # flags: with the rest of a packet; with a new stream
FULL_SEGMENT = 255  # one so long goes on in the next
MAX_PACKET_BYTES = 1 << 20  # comments may hold a picture; nothing of ours is longer


class OggPacket(NamedTuple):
    """A packet of the stream of that number; whether it is the first of it."""

    serial: int
    is_first: bool
    data: bytes


class OggReader:
    """Finds the packets of all streams, and passes over what is no Ogg."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._partial: dict[int, bytes] = {}  # by serial: a packet that goes on
        self.n_passed_bytes = 0
        """How much lay between the pages, so far."""

    def read(self, piece: bytes) -> Iterator[OggPacket]:
        """The packets that are whole now."""
        self._pending += piece
        while page := self._take_page():
            yield from self._packets(page)

    def _take_page(self) -> bytes | None:
        """The next whole page."""
        begin = self._pending.find(MARK)
        if begin < 0:
            begin = max(0, len(self._pending) - len(MARK) + 1)  # a mark may be cut
        self.n_passed_bytes += begin
        del self._pending[:begin]
        if len(self._pending) < PAGE.size:
            return None
        header_bytes = PAGE.size + self._pending[PAGE.size - 1]
        page_bytes = header_bytes + sum(self._pending[PAGE.size : header_bytes])
        if len(self._pending) < max(header_bytes, page_bytes):
            return None
        page = bytes(self._pending[:page_bytes])
        del self._pending[:page_bytes]
        return page

    def _packets(self, page: bytes) -> Iterator[OggPacket]:
        _, _, flags, _, serial, _, _, n_segments = PAGE.unpack_from(page)
        is_first = bool(flags & BEGINS)
        packet = self._partial.pop(serial, b"") if flags & CONTINUES else b""
        is_lost = bool(flags & CONTINUES) and not packet  # its beginning never came
        at = PAGE.size + n_segments
        size = 0
        for size in page[PAGE.size : at]:
            packet += page[at : at + size]
            at += size
            if size == FULL_SEGMENT:
                continue
            if not is_lost:
                yield OggPacket(serial, is_first, packet)
            packet, is_first, is_lost = b"", False, False
        if size == FULL_SEGMENT and not is_lost and len(packet) <= MAX_PACKET_BYTES:
            self._partial = {serial: packet}  # streams that take turns have whole packets
