import random
import struct

from earshot.audio.decoding.ogg import PAGE, OggPacket, OggReader
from earshot.testing import tone
from tests.compressed import compress, packets_of


def page(serial: int, flags: int, segments: bytes, body: bytes) -> bytes:
    header = PAGE.pack(b"OggS", 0, flags, 0, serial, 0, 0, len(segments))
    return header + segments + body


def read_all(media: bytes, piece_bytes: int) -> list[OggPacket]:
    reader = OggReader()
    return [
        packet
        for begin in range(0, len(media), piece_bytes)
        for packet in reader.read(media[begin : begin + piece_bytes])
    ]


def test_however_a_file_is_cut_its_packets_are_those_that_ffmpeg_finds() -> None:
    media = b"".join(compress("ogg_opus", tone(1500)))
    for piece_bytes in (1, 7, 100, len(media)):
        head, tags, *packets = [packet.data for packet in read_all(media, piece_bytes)]
        assert head.startswith(b"OpusHead")
        assert tags.startswith(b"OpusTags")
        assert packets == packets_of(media)


def test_a_packet_may_go_on_in_the_next_page() -> None:
    media = page(5, 2, bytes([255]), b"a" * 255) + page(5, 1, bytes([255, 3]), b"b" * 258)
    assert read_all(media, 50) == [OggPacket(5, False, b"a" * 255 + b"b" * 258)]


def test_the_rest_of_a_packet_without_its_beginning_is_dropped() -> None:
    media = page(5, 1, bytes([3, 2]), b"cccdd")
    assert read_all(media, 50) == [OggPacket(5, False, b"dd")]


def test_streams_are_told_apart_and_their_first_packets_known() -> None:
    media = page(1, 2, bytes([1]), b"x") + page(2, 2, bytes([1]), b"y") + page(1, 0, b"\x01", b"z")
    assert read_all(media, 11) == [
        OggPacket(1, True, b"x"),
        OggPacket(2, True, b"y"),
        OggPacket(1, False, b"z"),
    ]


def test_what_is_no_ogg_is_passed_over_and_counted() -> None:
    reader = OggReader()
    found = list(reader.read(b"noise" + page(1, 2, bytes([1]), b"x") + b"more noise"))
    assert found == [OggPacket(1, True, b"x")]
    assert reader.n_passed_bytes == len(b"noise") + len(b"more noise") - 3


def test_endless_packets_take_no_endless_memory() -> None:
    reader = OggReader()
    going_on = page(1, 1, bytes([255] * 255), bytes(255 * 255))
    list(reader.read(page(1, 2, bytes([255] * 255), bytes(255 * 255))))
    for _ in range(40):
        assert list(reader.read(going_on)) == []
        assert sum(map(len, reader._partial.values())) <= 2**20


def test_garbage_raises_nothing() -> None:
    rng = random.Random(1)
    reader = OggReader()
    for _ in range(300):
        noise = rng.randbytes(rng.randrange(60))
        list(reader.read(noise + struct.pack("<4sB", b"OggS", rng.randrange(256))))
