import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from earshot.audio.speech import FRAME_SAMPLES, Probabilities
from earshot.audio.waveform import PCM16_SCALE, SAMPLE_RATE, Samples, Waveform
from earshot.pipeline.chunks import (
    CHUNK_SAMPLES,
    SEARCH_SAMPLES,
    STREAMED_CHUNKS,
    Chunk,
    Cut,
    cut_chunks,
    recognize_chunk,
)
from earshot.recognition.recognizer import NO_HINTS, Effort, Hints, Recognition
from earshot.testing import LoudnessDetector, ScriptedRecognizer, silence, tone
from earshot.transcript.times import samples_to_ms
from earshot.transcript.words import Word

Pcm16 = npt.NDArray[np.int16]


def pcm_of(*parts: Samples) -> Pcm16:
    """One channel, (1, n_samples)."""
    pcm: Pcm16 = np.rint(np.concatenate(parts) * (PCM16_SCALE - 1)).astype(np.int16)
    return pcm[None]


def in_blocks(channels: Pcm16, sizes: Sequence[int]) -> Iterator[Pcm16]:
    """The channels in blocks of these sizes, over and over."""
    at, turn = 0, 0
    while at < channels.shape[1]:
        size = sizes[turn % len(sizes)]
        yield channels[:, at : at + size]
        at, turn = at + size, turn + 1


def cut(channels: Pcm16, *sizes: int, start: int = 0, is_split: bool = False) -> list[Chunk]:
    blocks = in_blocks(channels, sizes or [SAMPLE_RATE])
    return list(cut_chunks(blocks, start, LoudnessDetector(), is_split=is_split))


@pytest.fixture(scope="module")
def talk() -> Pcm16:
    """220 s: speech with pauses of a quarter of a second every few seconds."""
    generator = np.random.default_rng(5)
    parts: list[Samples] = []
    while sum(map(len, parts)) < 220 * SAMPLE_RATE:
        parts += [tone(int(generator.integers(500, 6000))), silence(250)]
    return pcm_of(*parts)[:, : 220 * SAMPLE_RATE]


def test_no_audio_gives_no_chunks() -> None:
    assert cut(np.zeros((1, 0), dtype=np.int16)) == []
    assert list(cut_chunks([], 0, LoudnessDetector(), is_split=False)) == []


class DeafDetector:
    """Hears nothing anywhere, and counts how often it is asked."""

    def __init__(self) -> None:
        self.n_calls = 0

    def speech_probabilities(self, samples: Samples) -> Probabilities:
        self.n_calls += 1
        return np.zeros(-(-len(samples) // FRAME_SAMPLES), dtype=np.float32)


def test_earlier_cuts_are_made_again_whatever_the_detector_says_now(talk: Pcm16) -> None:
    before = cut(talk)
    earlier = {chunk.place: Cut(len(chunk.pcm), chunk.probabilities) for chunk in before[:2]}
    deaf = DeafDetector()
    blocks = in_blocks(talk, [SAMPLE_RATE])
    again = list(cut_chunks(blocks, 0, deaf, is_split=False, earlier=earlier))
    assert [chunk.to_bytes() for chunk in again[:2]] == [chunk.to_bytes() for chunk in before[:2]]
    assert deaf.n_calls == len(again) - 2
    assert np.array_equal(np.concatenate([chunk.pcm for chunk in again]), talk[0])


def test_a_channel_without_a_signal_is_shown_to_no_detector() -> None:
    blocks = in_blocks(pcm_of(silence(130_000)), [SAMPLE_RATE])
    deaf = DeafDetector()
    chunks = list(cut_chunks(blocks, 0, deaf, is_split=False))
    assert deaf.n_calls == 0
    assert sum(len(chunk.pcm) for chunk in chunks) == 130 * SAMPLE_RATE
    assert all(chunk.speech == [] for chunk in chunks)


def test_a_channel_that_is_a_copy_is_left_out_until_it_is_one_of_its_own() -> None:
    one = pcm_of(tone(69_000, 200), silence(1000), tone(10_000, 300))
    other = pcm_of(tone(69_000, 200), silence(1000), silence(200), tone(9_800, 500))
    chunks = cut(np.concatenate([one, one, other]), is_split=True)
    assert {chunk.channel for chunk in chunks} == {1, 3}
    (apart,) = [chunk for chunk in chunks if chunk.channel == 3]
    assert apart.start_samples == 70 * SAMPLE_RATE
    assert np.array_equal(apart.pcm, other[0, apart.start_samples :])


def parted(alike: Pcm16, one: Pcm16, other: Pcm16) -> Pcm16:
    """Two channels that are alike at first, and then these."""
    return np.concatenate([np.append(alike, one, axis=1), np.append(alike, other, axis=1)])


def begin_ms_of_second(channels: Pcm16, **kwargs: object) -> list[int]:
    chunks = cut_chunks(
        in_blocks(channels, [SAMPLE_RATE]),
        0,
        LoudnessDetector(),
        is_split=True,
        **kwargs,  # type: ignore[arg-type]
    )
    second = [chunk for chunk in chunks if chunk.channel == 2]
    for chunk in second:
        end = chunk.start_samples + len(chunk.pcm)
        assert np.array_equal(chunk.pcm, channels[1, chunk.start_samples : end])
    return [samples_to_ms(chunk.start_samples, SAMPLE_RATE) for chunk in second]


def test_channels_that_part_inside_a_word_are_apart_from_before_it() -> None:
    alike = pcm_of(tone(3000), silence(400), tone(1700))
    (begin_ms,) = begin_ms_of_second(
        parted(alike, pcm_of(tone(2000, 200)), pcm_of(tone(2000, 500)))
    )
    assert 3000 < begin_ms < 3400


def test_channels_that_part_in_silence_repeat_no_word() -> None:
    alike = pcm_of(tone(3000), silence(1000))
    (begin_ms,) = begin_ms_of_second(parted(alike, pcm_of(silence(9000)), pcm_of(tone(9000))))
    assert 3400 < begin_ms <= 4000


def test_channels_that_part_in_speech_without_a_pause_are_apart_from_where_it_is_quietest() -> None:
    alike = pcm_of(tone(17_000), tone(60, level=0.05), tone(1940))
    (begin_ms,) = begin_ms_of_second(
        parted(alike, pcm_of(tone(2000, 200)), pcm_of(tone(2000, 500)))
    )
    assert 17_000 <= begin_ms <= 17_060


def test_channels_that_part_in_the_first_word_are_apart_from_the_start() -> None:
    alike = pcm_of(tone(2000))
    channels = parted(alike, pcm_of(tone(2000, 200)), pcm_of(tone(2000, 500)))
    assert begin_ms_of_second(channels) == [0]


def test_channels_that_parted_before_part_there_again_whatever_the_detector_says_now() -> None:
    alike = pcm_of(tone(3000), silence(400), tone(1600))
    channels = parted(alike, pcm_of(tone(99_000, 200)), pcm_of(tone(99_000, 500)))
    whole = Cut(80 * SAMPLE_RATE, np.ones(2500, dtype=np.float32))
    earlier = {(2, 4 * SAMPLE_RATE): whole, (2, 84 * SAMPLE_RATE): whole, (1, 0): whole}
    assert begin_ms_of_second(channels, earlier=earlier) == [4000, 84_000]


@pytest.mark.parametrize("sizes", [(160,), (16_000,), (7, 100_000), (3_000_000,)])
def test_the_chunks_together_are_the_input_whatever_the_blocks(
    talk: Pcm16, sizes: tuple[int, ...]
) -> None:
    piece = talk[:, : 65 * SAMPLE_RATE] if sizes[0] == 160 else talk
    chunks = cut(piece, *sizes)
    assert np.array_equal(np.concatenate([chunk.pcm for chunk in chunks]), piece[0])
    starts = np.cumsum([0, *(len(chunk.pcm) for chunk in chunks)]).tolist()
    assert [chunk.start_samples for chunk in chunks] == starts[:-1]


def test_the_same_audio_is_cut_in_the_same_places_whatever_the_blocks(talk: Pcm16) -> None:
    wanted = [chunk.start_samples for chunk in cut(talk, SAMPLE_RATE)]
    assert len(wanted) >= 3
    for sizes in ([1024], [1_000_000, 3], [SAMPLE_RATE, 7]):
        assert [chunk.start_samples for chunk in cut(talk, *sizes)] == wanted


def test_chunks_end_in_silence_where_there_is_some(talk: Pcm16) -> None:
    for chunk in cut(talk)[:-1]:
        end = chunk.start_samples + len(chunk.pcm)
        assert not talk[0, end - 800 : end + 800].any()


def test_no_chunk_is_longer_than_the_limit_and_only_the_last_much_shorter(talk: Pcm16) -> None:
    lengths = [len(chunk.pcm) for chunk in cut(talk)]
    assert max(lengths) <= CHUNK_SAMPLES
    assert min(lengths[:-1]) >= CHUNK_SAMPLES - SEARCH_SAMPLES


def test_chunks_for_those_who_read_along_are_shorter_and_end_in_silence_too(talk: Pcm16) -> None:
    blocks = in_blocks(talk, [SAMPLE_RATE])
    size = STREAMED_CHUNKS
    chunks = list(cut_chunks(blocks, 0, LoudnessDetector(), is_split=False, size=size))
    assert all(len(chunk.pcm) <= size.max_samples for chunk in chunks)
    shortest = size.max_samples - size.search_samples
    assert all(len(chunk.pcm) >= shortest for chunk in chunks[:-1])
    assert all(not chunk.pcm[-100:].any() for chunk in chunks[:-1])
    assert sum(len(chunk.pcm) for chunk in chunks) == talk.shape[1]


def test_the_widest_silence_in_reach_is_cut_in_its_middle() -> None:
    talk = pcm_of(tone(75_000), silence(400), tone(5000), silence(1000), tone(20_000))
    first, _ = cut(talk)
    assert len(first.pcm) == pytest.approx(80_900 * 16, abs=FRAME_SAMPLES)


def test_speech_without_a_pause_is_cut_where_it_is_quietest() -> None:
    quieter = tone(60, level=0.05)
    first, _ = cut(pcm_of(tone(80_000), quieter, tone(20_000)))
    assert 80_000 <= samples_to_ms(len(first.pcm), SAMPLE_RATE) <= 80_060


def test_a_recording_of_one_chunk_is_whole_and_no_part_of_a_longer_one_is(talk: Pcm16) -> None:
    assert [chunk.is_whole for chunk in cut(talk[:, : 60 * SAMPLE_RATE])] == [True]
    assert [chunk.is_whole for chunk in cut(talk)] == [False] * len(cut(talk))
    both = talk[:, : 120 * SAMPLE_RATE].reshape(2, -1)
    assert [chunk.is_whole for chunk in cut(both, is_split=True, start=500)] == [True, True]


def test_a_chunk_in_the_file_of_an_earlier_version_is_not_said_to_be_whole() -> None:
    (chunk,) = cut(pcm_of(tone(500)))
    file = io.BytesIO()
    np.savez(
        file,
        place=np.array([0, 0], dtype=np.int64),
        pcm=chunk.pcm,
        probabilities=chunk.probabilities,
    )
    read = Chunk.from_bytes(file.getvalue())
    assert np.array_equal(read.pcm, chunk.pcm)
    assert not read.is_whole
    assert Chunk.from_bytes(chunk.to_bytes()).is_whole


def test_there_is_one_probability_per_frame_of_a_chunk(talk: Pcm16) -> None:
    for chunk in cut(talk):
        assert len(chunk.probabilities) == -(-len(chunk.pcm) // FRAME_SAMPLES)


def test_speech_is_found_in_chunks_as_in_the_whole(talk: Pcm16) -> None:
    found = np.zeros(talk.shape[1], dtype=bool)
    for chunk in cut(talk):
        for span in chunk.speech:
            place = slice(
                chunk.start_samples + span.start_samples, chunk.start_samples + span.end_samples
            )
            found[place] = True
    assert found[np.abs(talk[0]) > 0.1 * PCM16_SCALE].all()


class TestChannels:
    def test_split_channels_are_numbered_from_one_and_cut_apart(self) -> None:
        long, other = pcm_of(tone(100_000)), pcm_of(silence(100_000))
        chunks = cut(np.concatenate([long, other]), is_split=True)
        for number, channel in ((1, long), (2, other)):
            own = [chunk.pcm for chunk in chunks if chunk.channel == number]
            assert np.array_equal(np.concatenate(own), channel[0])
        assert {chunk.channel for chunk in chunks} == {1, 2}

    def test_a_mix_has_no_number(self) -> None:
        assert [chunk.channel for chunk in cut(pcm_of(tone(1000)))] == [None]


@given(
    st.none() | st.integers(1, 64),
    st.integers(0, 2**40),
    st.binary(max_size=400),
    st.lists(st.floats(0, 1, width=32), max_size=10),
)
def test_a_chunk_survives_the_way_into_a_file_and_back(
    channel: int | None, start_samples: int, content: bytes, probabilities: list[float]
) -> None:
    pcm = np.frombuffer(content[: len(content) // 2 * 2], dtype=np.int16)
    chunk = Chunk(channel, start_samples, pcm, np.array(probabilities, dtype=np.float32))
    read = Chunk.from_bytes(chunk.to_bytes())
    assert (read.channel, read.start_samples) == (channel, start_samples)
    assert np.array_equal(read.pcm, pcm)
    assert read.pcm.dtype == np.int16
    assert np.array_equal(read.probabilities, chunk.probabilities)
    assert read.probabilities.dtype == np.float32


@dataclass(frozen=True, slots=True)
class NotingRecognizer(ScriptedRecognizer):
    """Notes the hints that it is given."""

    hints: list[Hints] = field(default_factory=list)

    @override
    def recognize(self, segments: Sequence[Waveform], hints: Hints = NO_HINTS) -> list[Recognition]:
        self.hints.append(hints)
        return ScriptedRecognizer.recognize(self, segments, hints)


class TestRecognizeChunk:
    def test_words_are_timed_from_the_start_of_the_recording(self) -> None:
        (chunk,) = cut(pcm_of(silence(1000), tone(1000)), start=5 * SAMPLE_RATE)
        words = recognize_chunk(chunk, ScriptedRecognizer())
        assert [word.text for word in words] == ["well", "said"]
        assert words[0].start_ms == pytest.approx(6000, abs=2)
        assert words[1].end_ms == pytest.approx(7000, abs=2)

    def test_words_of_a_split_channel_bear_its_number(self) -> None:
        chunks = cut(
            np.concatenate([pcm_of(tone(500, 200)), pcm_of(tone(500, 300))]), is_split=True
        )
        words = [word for one in chunks for word in recognize_chunk(one, ScriptedRecognizer())]
        assert [(w.channel, w.speaker) for w in words] == [(1, "1"), (1, "1"), (2, "2"), (2, "2")]

    def test_words_of_a_mix_have_neither_channel_nor_speaker(self) -> None:
        (chunk,) = cut(pcm_of(tone(500)))
        assert {(w.channel, w.speaker) for w in recognize_chunk(chunk, ScriptedRecognizer())} == {
            (None, None)
        }

    def test_time_is_taken_over_doubtful_speech_where_the_recording_is_short(self) -> None:
        (chunk,) = cut(pcm_of(tone(500)))
        for is_whole in (True, False):
            recognizer = NotingRecognizer()
            recognize_chunk(replace(chunk, is_whole=is_whole), recognizer)
            effort = Effort.MORE if is_whole else Effort.USUAL
            assert [hints.effort for hints in recognizer.hints] == [effort]

    def test_a_silent_chunk_has_no_words(self) -> None:
        (chunk,) = cut(pcm_of(silence(3000)))
        assert recognize_chunk(chunk, ScriptedRecognizer()) == ()

    @given(st.lists(st.integers(2000, 2100), min_size=2, max_size=4), st.integers(0, 15))
    def test_words_of_neighbouring_chunks_do_not_overlap_by_rounding(
        self, lengths: list[int], start: int
    ) -> None:
        words: list[Word] = []
        for length in lengths:
            pcm = np.full(length, 9000, dtype=np.int16)
            probabilities = np.ones(-(-length // FRAME_SAMPLES), dtype=np.float32)
            words += recognize_chunk(Chunk(None, start, pcm, probabilities), ScriptedRecognizer())
            start += length
        assert len(words) == 2 * len(lengths)
        assert all(before.end_ms <= after.start_ms for before, after in pairwise(words))
        assert words[-1].end_ms <= samples_to_ms(start, SAMPLE_RATE)
