from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.audio.segments import DEFAULT_SEGMENT_POLICY, SegmentPolicy
from earshot.audio.waveform import SAMPLE_RATE, Samples, Waveform
from earshot.recognition.agreement import AgreeingRecognizer, most_agreed, word_distance
from earshot.recognition.language import Features, SpeechDescriber
from earshot.recognition.recognizer import NO_HINTS, Hints, Recognition
from earshot.testing import tone
from earshot.transcript.words import Word

SENTENCES = st.lists(st.sampled_from(["one", "two", "three"]), max_size=8)
DOUBTFUL = -0.5
SHORT_SEGMENTS = SegmentPolicy(min_s=1.0, max_s=2.0)


def telephone_speech() -> Waveform:
    return Waveform(tone(2000, frequency_hz=800.0))


def broad_speech() -> Waveform:
    return Waveform(tone(2000, 800.0) + tone(2000, 6000.0, level=0.1))


def heard(text: str, mean_logprob: float = DOUBTFUL, end_ms: int = 1000) -> Recognition:
    words = text.split()
    edges = np.linspace(0, end_ms, len(words) + 1).astype(int).tolist()
    timed = [
        Word(word, start_ms, stop_ms, 0.5)
        for word, start_ms, stop_ms in zip(words, edges, edges[1:], strict=False)
    ]
    return Recognition(tuple(timed), mean_logprob, is_repetitive=False)


class HearsByLength:
    """Hears other words in slower or faster speech; counts what it is asked."""

    name = "by-length"
    languages = frozenset({"en"})

    def __init__(self, own: Recognition, slow: Recognition, fast: Recognition, n: int) -> None:
        self._own, self._slow, self._fast, self._n_samples = own, slow, fast, n
        self.n_heard = 0

    def recognize(self, segments: Sequence[Waveform], hints: Hints = NO_HINTS) -> list[Recognition]:
        del hints  # the length is all it goes by
        self.n_heard += len(segments)
        return [self._one(len(segment.samples)) for segment in segments]

    def describe(self, segments: Sequence[Waveform]) -> list[Features]:
        return [np.full(2, len(segment.samples), dtype=np.float32) for segment in segments]

    def _one(self, n_samples: int) -> Recognition:
        if n_samples == self._n_samples:
            return self._own
        return self._slow if n_samples > self._n_samples else self._fast


class ChoosyRecognizer(HearsByLength):
    segment_policy = SHORT_SEGMENTS


def engine_for(
    segment: Waveform, own: Recognition, slow: Recognition, fast: Recognition
) -> HearsByLength:
    return HearsByLength(own, slow, fast, len(segment.samples))


def test_in_doubtful_telephone_speech_two_that_agree_outvote_the_third() -> None:
    segment = telephone_speech()
    engine = engine_for(segment, heard("a grey tabby"), heard("a great day"), heard("a great day"))
    (recognition,) = AgreeingRecognizer(engine).recognize([segment])
    assert [word.text for word in recognition.words] == ["a", "great", "day"]
    assert engine.n_heard == 3


def test_times_of_an_answer_at_another_speed_are_those_of_the_segment() -> None:
    segment = telephone_speech()
    engine = engine_for(segment, heard("grey"), heard("great"), heard("great"))
    (recognition,) = AgreeingRecognizer(engine).recognize([segment])
    assert recognition.words[0].end_ms == 950  # 1000 ms in what was slowed down to 0.95


def test_speech_with_its_whole_band_is_heard_once() -> None:
    segment = broad_speech()
    engine = engine_for(segment, heard("grey"), heard("great"), heard("great"))
    assert AgreeingRecognizer(engine).recognize([segment]) == [heard("grey")]
    assert engine.n_heard == 1


def test_telephone_speech_that_is_certain_is_heard_once() -> None:
    segment = telephone_speech()
    certain = heard("grey", mean_logprob=-0.05)
    engine = engine_for(segment, certain, heard("great"), heard("great"))
    assert AgreeingRecognizer(engine).recognize([segment]) == [certain]
    assert engine.n_heard == 1


def test_of_three_that_differ_the_likeliest_is_taken() -> None:
    answers = [heard("one", -0.9), heard("two", -0.2), heard("three", -0.6)]
    assert most_agreed(answers) == answers[1]


def test_of_answers_that_are_alike_the_first_is_taken() -> None:
    answers = [heard("One, two."), heard("one two")]
    assert most_agreed(answers) is answers[0]


@pytest.mark.parametrize(
    ("ours", "theirs", "distance"),
    [
        ("", "", 0.0),
        ("a b", "a b", 0.0),
        ("a b", "a c", 0.5),
        ("a", "", 1.0),
        ("a b c d", "b c d", 0.25),
    ],
)
def test_the_distance_counts_words_of_the_longer(ours: str, theirs: str, distance: float) -> None:
    assert word_distance(ours.split(), theirs.split()) == distance


@given(SENTENCES, SENTENCES)
def test_the_distance_is_the_same_both_ways_and_a_share(ours: list[str], theirs: list[str]) -> None:
    distance = word_distance(ours, theirs)
    assert distance == word_distance(theirs, ours)
    assert 0 <= distance <= 1
    assert (distance == 0) == (ours == theirs)


def test_silence_is_not_heard_again() -> None:
    nothing: Samples = np.zeros(SAMPLE_RATE, dtype=np.float32)
    segment = Waveform(nothing)
    empty = Recognition((), float("-inf"), is_repetitive=False)
    engine = engine_for(segment, empty, heard("ghost"), heard("ghost"))
    assert AgreeingRecognizer(engine).recognize([segment]) == [empty]
    assert engine.n_heard == 1


def test_what_speech_sounds_like_is_told_as_before() -> None:
    segment = telephone_speech()
    nothing = heard("grey")
    engine = AgreeingRecognizer(engine_for(segment, nothing, nothing, nothing))
    assert isinstance(engine, SpeechDescriber)
    (features,) = engine.describe([segment])
    assert features.tolist() == [len(segment.samples)] * 2


def test_speech_is_packed_as_the_recognizer_wants_it() -> None:
    segment = telephone_speech()
    nothing = heard("grey")
    plain = engine_for(segment, nothing, nothing, nothing)
    assert AgreeingRecognizer(plain).segment_policy == DEFAULT_SEGMENT_POLICY
    choosy = ChoosyRecognizer(nothing, nothing, nothing, len(segment.samples))
    assert AgreeingRecognizer(choosy).segment_policy == SHORT_SEGMENTS


def test_with_drafts_everything_is_heard_once() -> None:
    segment = telephone_speech()
    engine = engine_for(segment, heard("a grey tabby"), heard("a great day"), heard("a great day"))
    (recognition,) = AgreeingRecognizer(engine).recognize_drafted([segment], [("a",)])
    assert [word.text for word in recognition.words] == ["a", "grey", "tabby"]
    assert engine.n_heard == 1
