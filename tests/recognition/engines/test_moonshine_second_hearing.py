from collections.abc import Sequence

import numpy as np
import pytest

from earshot.audio.waveform import SAMPLE_RATE, Waveform
from earshot.recognition.engines.moonshine_decoder import EncodedSegment
from earshot.recognition.engines.moonshine_hypothesis import END_TOKEN, Hypothesis
from earshot.recognition.engines.moonshine_second_hearing import (
    Hearing,
    SecondHearingPolicy,
    at_speed,
    likeliest_tokens,
)
from earshot.recognition.loading import SecondHearings
from earshot.recognition.recognizer import Effort
from earshot.testing import tone

POLICY = SecondHearingPolicy(
    doubtful_logprob=-0.15, speeds=(1.1, 0.9), more_speeds=(1.05,), telephone_speeds=(0.95,)
)


def hypothesis(tokens: Sequence[int], mean_logprob: float, *, loops: bool = False) -> Hypothesis:
    n_tokens = len(tokens)
    return Hypothesis(
        n_tokens,
        1,
        tokens=list(tokens),
        logprobs=[mean_logprob] * n_tokens,
        is_repetitive=loops,
    )


def broad_speech() -> Waveform:
    return Waveform(tone(2000, 800.0) + tone(2000, 6000.0, level=0.1))


def telephone_speech() -> Waveform:
    return Waveform(tone(2000, frequency_hz=800.0))


@pytest.mark.parametrize(
    ("when", "effort", "speeds"),
    [
        ("short", Effort.USUAL, ()),
        ("short", Effort.MORE, (1.1, 0.9)),
        ("short", Effort.MOST, (1.1, 0.9, 1.05)),
        ("always", Effort.USUAL, (1.1, 0.9)),
        ("always", Effort.MOST, (1.1, 0.9, 1.05)),
        ("never", Effort.MOST, ()),
    ],
)
def test_doubtful_speech_is_heard_again_where_there_is_time(
    when: SecondHearings, effort: Effort, speeds: tuple[float, ...]
) -> None:
    doubtful = hypothesis([7, 8, END_TOKEN], -0.2)
    assert POLICY.speeds_for(doubtful, broad_speech(), when, effort) == speeds


@pytest.mark.parametrize(("when", "speeds"), [("short", (0.95,)), ("never", ())])
def test_doubtful_telephone_speech_is_heard_again_however_long_the_recording(
    when: SecondHearings, speeds: tuple[float, ...]
) -> None:
    doubtful = hypothesis([7, 8, END_TOKEN], -0.2)
    assert POLICY.speeds_for(doubtful, telephone_speech(), when, Effort.USUAL) == speeds


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(hypothesis([7, 8, END_TOKEN], -0.1), id="certain"),
        pytest.param(hypothesis([END_TOKEN], -0.9), id="no words"),
        pytest.param(hypothesis([7, 7, 7], -0.9, loops=True), id="a loop, which is cut in two"),
    ],
)
def test_what_is_certain_empty_or_a_loop_is_heard_once(first: Hypothesis) -> None:
    assert POLICY.speeds_for(first, broad_speech(), "always", Effort.MOST) == ()


@pytest.mark.parametrize("speed", [0.9, 0.95, 1.1])
def test_faster_speech_is_shorter_and_higher(speed: float) -> None:
    changed = at_speed(Waveform(tone(1000, frequency_hz=500.0)), speed).samples
    assert len(changed) == round(SAMPLE_RATE / speed)
    loudest = np.argmax(np.abs(np.fft.rfft(changed))) * SAMPLE_RATE / len(changed)
    assert loudest == pytest.approx(500 * speed, abs=2)
    assert np.abs(changed).max() == pytest.approx(np.abs(tone(1000, 500.0)).max(), rel=0.05)


def hearing(number: int, heard: Hypothesis) -> Hearing:
    return Hearing(EncodedSegment(np.zeros((1, 2, 1, number + 1, 1), dtype=np.float32)), heard)


class Reader:
    """Scores tokens by a table: of the first token, and of the hearing's number."""

    def __init__(self, logprobs: dict[tuple[int, int], float]) -> None:
        self._logprobs = logprobs
        self.asked: list[tuple[int, int]] = []

    def __call__(self, tokens: Sequence[int], encoded: EncodedSegment) -> Hypothesis:
        key = tokens[0], encoded.n_frames - 1
        self.asked.append(key)
        return hypothesis(tokens, self._logprobs[key])


def test_what_all_hearings_find_likely_beats_what_one_finds_likeliest() -> None:
    hearings = [
        hearing(0, hypothesis([5, END_TOKEN], -0.3)),
        hearing(1, hypothesis([6, END_TOKEN], -0.4)),
    ]
    reader = Reader({(5, 1): -3.0, (6, 0): -0.5})
    assert list(likeliest_tokens(hearings, reader)) == [6, END_TOKEN]
    assert reader.asked == [(5, 1), (6, 0)]  # what each found of its own words is known


def test_where_all_hear_the_same_nothing_is_read_again() -> None:
    hearings = [hearing(number, hypothesis([5, END_TOKEN], -0.3)) for number in range(3)]
    reader = Reader({})
    assert list(likeliest_tokens(hearings, reader)) == [5, END_TOKEN]
    assert reader.asked == []


def test_of_equals_the_first_is_taken() -> None:
    hearings = [hearing(number, hypothesis([5 + number, END_TOKEN], -0.3)) for number in range(2)]
    reader = Reader({(5, 1): -0.3, (6, 0): -0.3})
    assert list(likeliest_tokens(hearings, reader)) == [5, END_TOKEN]


def test_a_loop_at_another_speed_is_never_taken() -> None:
    hearings = [
        hearing(0, hypothesis([5, END_TOKEN], -0.5)),
        hearing(1, hypothesis([6, 6], -0.001, loops=True)),
    ]
    assert list(likeliest_tokens(hearings, Reader({}))) == [5, END_TOKEN]


def test_an_answer_that_was_cut_off_at_another_speed_is_never_taken() -> None:
    hearings = [
        hearing(0, hypothesis([5, 6, END_TOKEN], -0.5)),
        hearing(1, hypothesis([5, 6], -0.1)),
    ]
    assert list(likeliest_tokens(hearings, Reader({}))) == [5, 6, END_TOKEN]
