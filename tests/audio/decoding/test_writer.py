from array import array

from hypothesis import given
from hypothesis import strategies as st

from earshot.audio.decoding.protocol import BLOCK_SAMPLES
from earshot.audio.decoding.writer import BlockWriter


def pcm(*values: int) -> bytes:
    return array("h", values).tobytes()


def values(blocks: list[bytes]) -> list[int]:
    return [value for block in blocks for value in array("h", block)]


def write_all(
    parts: list[tuple[int, bytes]], start: int = 0, end: int | None = None, n_channels: int = 1
) -> list[bytes]:
    blocks: list[bytes] = []
    writer = BlockWriter(blocks.append, n_channels=n_channels, start_samples=start, end_samples=end)
    for position, part in parts:
        writer.write(position, part)
    writer.flush()
    return blocks


def test_parts_that_meet_come_out_as_they_went_in() -> None:
    assert values(write_all([(0, pcm(1, 2)), (2, pcm(3))])) == [1, 2, 3]


def test_a_gap_is_silence() -> None:
    assert values(write_all([(1, pcm(1)), (4, pcm(2))])) == [0, 1, 0, 0, 2]


def test_what_overlaps_is_kept_once() -> None:
    assert values(write_all([(0, pcm(1, 2, 3)), (1, pcm(8, 9, 4))])) == [1, 2, 3, 4]


def test_only_the_window_is_sent() -> None:
    assert values(write_all([(0, pcm(1, 2, 3)), (3, pcm(4, 5, 6))], start=2, end=5)) == [3, 4, 5]


def test_a_gap_over_the_end_of_the_window_stops_there() -> None:
    assert values(write_all([(0, pcm(1)), (90, pcm(2))], end=4)) == [1]


def test_channels_stay_together() -> None:
    blocks = write_all([(1, pcm(1, -1, 2, -2))], n_channels=2)

    assert values(blocks) == [0, 0, 1, -1, 2, -2]


def test_blocks_are_full_but_for_the_last() -> None:
    blocks = write_all([(0, bytes(2 * BLOCK_SAMPLES + 10))])

    assert [len(block) for block in blocks] == [2 * BLOCK_SAMPLES, 10]


def test_a_full_window_says_so() -> None:
    writer = BlockWriter(lambda _: None, n_channels=1, start_samples=0, end_samples=2)
    was_full = writer.is_full

    writer.write(0, pcm(1, 2, 3))

    assert (was_full, writer.is_full) == (False, True)
    assert writer.n_written == 2


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 30)), max_size=10))
def test_positions_never_shift_whatever_comes(parts: list[tuple[int, int]]) -> None:
    # Every sample's value is its position plus one: silence is 0.
    blocks = write_all([(begin, pcm(*range(begin + 1, begin + 1 + size))) for begin, size in parts])

    assert all(value in (0, index + 1) for index, value in enumerate(values(blocks)))
