import numpy as np
import pytest

from earshot.audio.media import ChannelBlock
from earshot.audio.waveform import SAMPLE_RATE, Pcm16
from earshot.pipeline.copies import CopyFinder

SILENCE = np.zeros(SAMPLE_RATE, dtype=np.int16)


def noise(seed: int, level: float = 3000.0) -> Pcm16:
    """A second."""
    samples = np.random.default_rng(seed).normal(0, level, SAMPLE_RATE)
    return np.clip(np.rint(samples), -32768, 32767).astype(np.int16)


def copies(*blocks: list[Pcm16]) -> tuple[list[list[bool]], tuple[str, ...]]:
    finder = CopyFinder()
    stacked: list[ChannelBlock] = [np.stack(block) for block in blocks]
    return [finder.find_copies(block) for block in stacked], finder.warnings


def test_a_channel_that_is_the_same_as_another_is_a_copy_of_the_first_such() -> None:
    block = [noise(1), noise(2), noise(1), noise(2), noise(1)]
    found, warnings = copies(block, block)
    assert found == [[False, False, True, True, True]] * 2
    assert warnings == (
        "Channel 3 carries the same audio as channel 1: it was transcribed once, as channel 1",
        "Channel 4 carries the same audio as channel 2: it was transcribed once, as channel 2",
        "Channel 5 carries the same audio as channel 1: it was transcribed once, as channel 1",
    )


@pytest.mark.parametrize(("difference_db", "is_copy"), [(-70, True), (-62, True), (-55, False)])
def test_what_differs_by_less_than_60_db_under_the_signal_is_a_copy(
    difference_db: float, is_copy: bool
) -> None:
    loud = noise(1, level=8000)
    other = loud + noise(2, level=8000 * 10 ** (difference_db / 20))
    found, _ = copies([loud, np.clip(other, -32768, 32767).astype(np.int16)])
    assert found == [[False, is_copy]]


@pytest.mark.parametrize(
    "other", [noise(2), SILENCE, -noise(1), noise(1) // 2, np.roll(noise(1), 1)]
)
def test_another_signal_a_delay_another_level_and_the_opposite_are_no_copies(other: Pcm16) -> None:
    assert copies([noise(1), other]) == ([[False, False]], ())


def test_rounding_makes_no_difference_however_faint_the_signal() -> None:
    faint = noise(1, level=50)
    assert copies([faint, faint + 1])[0] == [[False, True]]


def test_channels_that_begin_alike_are_their_own_from_where_they_part() -> None:
    found, warnings = copies(
        [noise(1), noise(1)], [noise(2), noise(2)], [noise(3), noise(4)], [noise(5), noise(5)]
    )
    assert [is_copy for _, is_copy in found] == [True, True, False, False]
    assert warnings == (
        "Channel 2 carries the same audio as channel 1 for the first 2 s: "
        "it was transcribed once, as channel 1",
    )


def test_silence_before_they_part_is_nothing_to_tell() -> None:
    found, warnings = copies([SILENCE, SILENCE], [noise(1), noise(2)])
    assert found == [[False, True], [False, False]]
    assert warnings == ()


def test_copies_of_each_other_are_found_after_silence_in_all() -> None:
    found, _ = copies([SILENCE] * 4, [noise(1), noise(2), noise(2), noise(3)])
    assert found[1] == [False, False, True, False]


@pytest.mark.parametrize(("difference_db", "is_told"), [(-40, True), (-17, True), (-12, False)])
def test_channels_that_are_nearly_alike_are_each_transcribed_and_the_caller_is_told(
    difference_db: float, is_told: bool
) -> None:
    other = noise(1) + noise(2, level=3000 * 10 ** (difference_db / 20))
    found, warnings = copies([noise(1), other, noise(3)])
    assert found == [[False, False, False]]
    told = "Channels 1 and 2 carry nearly the same audio, and each was transcribed: "
    assert warnings == ((f"{told}without multichannel, each word is there once",) * is_told)


def test_channels_that_parted_are_not_called_alike_for_what_came_before() -> None:
    block = [noise(1), noise(1)]
    _, warnings = copies(*[block] * 50, [noise(2), noise(3)])
    assert len(warnings) == 1
    assert "for the first 50 s" in warnings[0]


def test_channels_with_a_word_of_one_alone_are_nothing_to_tell() -> None:
    _, warnings = copies([noise(1), noise(1) + noise(2, 500)], [SILENCE, noise(3)])
    assert warnings == ()


def test_a_recording_without_a_block_has_no_copies() -> None:
    assert CopyFinder().warnings == ()
