from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.audio.segments import Segment, pack_segments
from earshot.audio.speech import Probabilities, Span, find_speech
from earshot.audio.waveform import SAMPLE_RATE, Samples, Waveform
from earshot.recognition.recognizer import NO_HINTS, Hints, Recognition
from earshot.recognition.transcribe import RecognitionPolicy, transcribe_segments
from earshot.testing import LoudnessDetector, ScriptedRecognizer, silence, tone
from earshot.transcript.times import samples_to_ms
from earshot.transcript.words import Word


@dataclass
class FixedRecognizer:
    """Answers every segment with the same recognition, and remembers the batches it was given."""

    recognition: Recognition
    name: str = "fixed"
    languages: frozenset[str] = frozenset({"en"})
    batches_ms: list[list[int]] = field(default_factory=list)

    def recognize(self, segments: Sequence[Waveform], hints: Hints = NO_HINTS) -> list[Recognition]:
        del hints
        self.batches_ms.append([segment.duration_ms for segment in segments])
        return [self.recognition] * len(segments)


def probabilities_of(samples: Samples) -> Probabilities:
    return LoudnessDetector().speech_probabilities(samples)


def whole(samples: Samples) -> Segment:
    return Segment(0, len(samples), (Span(0, len(samples)),))


def recognition_of(*words: Word) -> Recognition:
    return Recognition(words, -0.1, is_repetitive=False)


def test_no_segments_give_no_words() -> None:
    samples = silence(1000)
    assert transcribe_segments(ScriptedRecognizer(), samples, probabilities_of(samples), []) == ()


def test_words_come_in_the_order_of_the_segments_whatever_their_lengths() -> None:
    samples = np.concatenate([tone(3000), silence(2000), tone(500), silence(2000), tone(1000)])
    speech = [Span(0, 48_000), Span(80_000, 88_000), Span(120_000, 136_000)]
    segments = [Segment(span.start_samples, span.end_samples, (span,)) for span in speech]
    words = transcribe_segments(
        ScriptedRecognizer(("one",)), samples, probabilities_of(samples), segments
    )
    times_ms = [(word.start_ms, word.end_ms) for word in words]
    assert times_ms == [(0, 3000), (5000, 5500), (7500, 8500)]


def test_segments_of_like_length_share_a_batch() -> None:
    samples = tone(20_000)
    lengths_s = [4, 1, 5, 1, 4, 5]
    starts_s = np.cumsum([0, *lengths_s[:-1]]).tolist()
    segments = [
        Segment(
            start * SAMPLE_RATE,
            (start + length) * SAMPLE_RATE,
            (Span(start * SAMPLE_RATE, (start + length) * SAMPLE_RATE),),
        )
        for start, length in zip(starts_s, lengths_s, strict=True)
    ]
    recognizer = FixedRecognizer(recognition_of())
    policy = RecognitionPolicy(batch_segments=2)
    transcribe_segments(recognizer, samples, probabilities_of(samples), segments, policy=policy)
    assert recognizer.batches_ms == [[1000, 1000], [4000, 4000], [5000, 5000]]


def test_a_loop_is_tried_again_in_two_halves() -> None:
    samples = np.concatenate([tone(2900), silence(200), tone(2900)])
    looping = ScriptedRecognizer(("word",), loops_from_s=5.0)
    words = transcribe_segments(looping, samples, probabilities_of(samples), [whole(samples)])
    assert [word.text for word in words] == ["word", "word"]
    assert words[0].end_ms <= 3000 <= words[1].start_ms + 100


def test_a_loop_in_a_short_segment_keeps_its_first_round() -> None:
    samples = tone(2000)
    looping = ScriptedRecognizer(("first", "round"), loops_from_s=0.0)
    words = transcribe_segments(looping, samples, probabilities_of(samples), [whole(samples)])
    assert [word.text for word in words] == ["first", "round"]


def test_retries_of_an_engine_that_always_loops_come_to_an_end() -> None:
    samples = tone(16_000)
    looping = ScriptedRecognizer(("again",), loops_from_s=0.0)
    words = transcribe_segments(looping, samples, probabilities_of(samples), [whole(samples)])
    assert 4 <= len(words) <= 16
    assert {word.text for word in words} == {"again"}


def test_an_answer_that_the_engine_hardly_believes_is_no_speech() -> None:
    samples = tone(2000)
    unsure = ScriptedRecognizer(mean_logprob=-1.5)
    assert transcribe_segments(unsure, samples, probabilities_of(samples), [whole(samples)]) == ()


def test_a_word_that_is_stretched_over_a_pause_is_drawn_in_to_the_speech() -> None:
    samples = np.concatenate([tone(1000), silence(2000), tone(1000)])
    segment = Segment(0, len(samples), (Span(0, 16_000), Span(48_000, 64_000)))
    heard = recognition_of(Word("before", 400, 3000, 0.9), Word("after", 3000, 4000, 0.9))
    words = transcribe_segments(
        FixedRecognizer(heard), samples, probabilities_of(samples), [segment]
    )
    assert [(w.start_ms, w.end_ms) for w in words] == [(400, 1000), (3000, 4000)]


def test_a_word_in_the_padding_keeps_its_time() -> None:
    samples = np.concatenate([silence(500), tone(500)])
    segment = Segment(0, len(samples), (Span(8000, 16_000),))
    heard = recognition_of(Word("early", 100, 300, 0.9))
    (word,) = transcribe_segments(
        FixedRecognizer(heard), samples, probabilities_of(samples), [segment]
    )
    assert (word.start_ms, word.end_ms) == (100, 300)


def test_words_of_no_length_get_a_millisecond_where_there_is_room() -> None:
    samples = tone(1000)
    heard = recognition_of(
        Word("a", 500, 500, 0.9), Word("b", 500, 500, 0.9), Word("c", 500, 600, 0.9)
    )
    words = transcribe_segments(
        FixedRecognizer(heard), samples, probabilities_of(samples), [whole(samples)]
    )
    assert [(w.start_ms, w.end_ms) for w in words] == [(500, 501), (501, 502), (502, 600)]


def test_words_that_an_engine_adds_after_the_end_of_the_audio_are_not_believed() -> None:
    samples = tone(1000)
    said = Word("said.", 100, 900, 0.9)
    added = [
        Word(text, 985 + i, 986 + i, 0.9) for i, text in enumerate(["It", "was", "never", "said"])
    ]
    words = transcribe_segments(
        FixedRecognizer(recognition_of(said, *added)),
        samples,
        probabilities_of(samples),
        [whole(samples)],
    )
    assert [word.text for word in words] == ["said."]


def test_a_word_keeps_its_text_and_confidence() -> None:
    samples = tone(1000)
    heard = Word("Kept,", 100, 200, 0.123)
    (word,) = transcribe_segments(
        FixedRecognizer(recognition_of(heard)), samples, probabilities_of(samples), [whole(samples)]
    )
    assert word == heard


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 40)), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=6),
)
def test_words_never_overlap_or_leave_the_audio_even_in_segments_of_a_few_samples(
    gaps_and_lengths: list[tuple[int, int]], steps_ms: list[tuple[int, int]]
) -> None:
    segments, at = [], 0
    for gap, length in gaps_and_lengths:
        start, at = at + gap, at + gap + length
        segments.append(Segment(start, at, (Span(start, at),)))
    samples = np.full(at, 0.3, dtype=np.float32)
    heard, at_ms = [], 0
    for gap_ms, length_ms in steps_ms:
        start_ms, at_ms = at_ms + gap_ms, at_ms + gap_ms + length_ms
        heard.append(Word("x", start_ms, at_ms, 0.5))
    words = transcribe_segments(
        FixedRecognizer(recognition_of(*heard)), samples, probabilities_of(samples), segments
    )
    edges_ms = [edge for word in words for edge in (word.start_ms, word.end_ms)]
    assert edges_ms == sorted(edges_ms)
    assert all(0 <= edge <= samples_to_ms(len(samples), SAMPLE_RATE) for edge in edges_ms)


def test_the_engines_failure_is_not_hidden() -> None:
    samples = tone(1000)
    broken = replace(ScriptedRecognizer(), failure=RuntimeError("out of memory"))
    with pytest.raises(RuntimeError, match="out of memory"):
        transcribe_segments(broken, samples, probabilities_of(samples), [whole(samples)])


def test_detected_and_packed_speech_is_transcribed_where_it_lies() -> None:
    samples = np.concatenate([silence(1000), tone(1000), silence(3000), tone(1000), silence(500)])
    probabilities = probabilities_of(samples)
    speech = find_speech(probabilities, len(samples))
    segments = pack_segments(speech, samples, probabilities)
    words = transcribe_segments(ScriptedRecognizer(("hm",)), samples, probabilities, segments)
    assert len(words) == 2
    assert words[0].start_ms == pytest.approx(1000, abs=50)
    assert words[1].end_ms == pytest.approx(6000, abs=50)
