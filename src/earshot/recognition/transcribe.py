"""Segments to words, whatever the engine: batches by length, guards against loops, word times."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from earshot.audio.segments import Segment, quietest_point
from earshot.audio.speech import Probabilities, Span, audible_part
from earshot.audio.waveform import SAMPLE_RATE, Samples, Waveform
from earshot.recognition.recognizer import NO_HINTS, Hints, Recognition, Recognizer
from earshot.transcript.times import ms_to_samples, samples_to_ms
from earshot.transcript.words import Word


@dataclass(frozen=True, slots=True)
class RecognitionPolicy:
    """How segments are handed to an engine, and when its answer is not believed.

    A batch holds at most `batch_segments` of like length. An answer that loops is retried in two
    halves, cut where it is quietest, down to `min_retry_s`. An answer whose tokens have a
    mean log-probability under `min_mean_logprob` is no speech: noise, music. Words at the end of a
    segment that together got less than `min_tail_word_ms` each were never heard: the engine went
    on after the audio had ended.
    """

    batch_segments: int = 12
    min_retry_s: float = 4.0
    min_mean_logprob: float = -1.0
    min_tail_word_ms: int = 30


# One or two words without a length are a slip of the alignment.
MIN_UNHEARD_WORDS = 3
DEFAULT_RECOGNITION_POLICY = RecognitionPolicy()


def transcribe_segments(
    recognizer: Recognizer,
    samples: Samples,
    probabilities: Probabilities,
    segments: Sequence[Segment],
    hints: Hints = NO_HINTS,
    policy: RecognitionPolicy = DEFAULT_RECOGNITION_POLICY,
) -> tuple[Word, ...]:
    """The words of all segments, in order, in ms from the start of `samples`; none overlap.

    `probabilities` are the speech detector's, for where to cut again after a loop.
    """
    by_length = sorted(range(len(segments)), key=lambda index: segments[index].n_samples)
    recognitions: dict[int, tuple[Word, ...]] = {}
    for batch in _batches(by_length, policy.batch_segments):
        waveforms = [_waveform(samples, segments[index]) for index in batch]
        for index, recognition in zip(batch, recognizer.recognize(waveforms, hints), strict=True):
            segment = segments[index]
            if recognition.is_repetitive and segment.n_samples >= policy.min_retry_s * SAMPLE_RATE:
                halves = _halve(segment, samples, probabilities)
                recognitions[index] = transcribe_segments(
                    recognizer, samples, probabilities, halves, hints, policy
                )
            else:
                audible = replace(
                    segment, speech=tuple(audible_part(span, samples) for span in segment.speech)
                )
                recognitions[index] = _believed_words(recognition, audible, policy)
    words = [word for index in range(len(segments)) for word in recognitions[index]]
    return tuple(_without_overlap(words, samples_to_ms(len(samples), SAMPLE_RATE)))


def _batches(indices: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(indices), size):
        yield indices[start : start + size]


def _waveform(samples: Samples, segment: Segment) -> Waveform:
    return Waveform(samples[segment.start_samples : segment.end_samples])


def _halve(segment: Segment, samples: Samples, probabilities: Probabilities) -> list[Segment]:
    """The segment in two, cut at the quietest point of its middle half."""
    quarter = segment.n_samples // 4
    low, high = segment.start_samples + quarter, segment.end_samples - quarter
    cut = quietest_point(samples, probabilities, low, high)
    halves = []
    for start, end in ((segment.start_samples, cut), (cut, segment.end_samples)):
        speech = tuple(
            Span(max(span.start_samples, start), min(span.end_samples, end))
            for span in segment.speech
            if span.start_samples < end and span.end_samples > start
        )
        if speech:
            halves.append(Segment(start, end, speech))
    return halves


def _believed_words(
    recognition: Recognition, segment: Segment, policy: RecognitionPolicy
) -> tuple[Word, ...]:
    if recognition.mean_logprob < policy.min_mean_logprob:
        return ()
    heard = without_unheard_tail(recognition.words, policy.min_tail_word_ms)
    return tuple(_placed(word, segment) for word in heard)


def without_unheard_tail(
    words: Sequence[Word], min_word_ms: int = DEFAULT_RECOGNITION_POLICY.min_tail_word_ms
) -> Sequence[Word]:
    """The words up to a last run that is too short to have been spoken, if there is one."""
    first_unheard = len(words)
    while first_unheard and words[first_unheard - 1].duration_ms < min_word_ms:
        first_unheard -= 1
    is_run = len(words) - first_unheard >= MIN_UNHEARD_WORDS
    return words[:first_unheard] if is_run else words


def _placed(word: Word, segment: Segment) -> Word:
    """The word in ms from the start of the audio, drawn in to the speech that it overlaps.

    Attention has no idea of silence: it stretches the word before a pause up to the word after it.
    """
    start = segment.start_samples + ms_to_samples(word.start_ms, SAMPLE_RATE)
    end = min(segment.start_samples + ms_to_samples(word.end_ms, SAMPLE_RATE), segment.end_samples)
    touched = [
        span for span in segment.speech if span.start_samples < end and span.end_samples > start
    ]
    if touched:
        longest = max(
            touched,
            key=lambda span: min(end, span.end_samples) - max(start, span.start_samples),
        )
        start, end = max(start, longest.start_samples), min(end, longest.end_samples)
    start = min(start, end)  # times in whole ms may round up past the last sample
    return replace(
        word,
        start_ms=samples_to_ms(start, SAMPLE_RATE),
        end_ms=samples_to_ms(end, SAMPLE_RATE),
    )


def _without_overlap(words: Sequence[Word], limit_ms: int) -> Iterator[Word]:
    """Words whose times never run backwards, each at least 1 ms long where there is room.

    None ends after `limit_ms`, the end of the audio.
    """
    earliest_ms = 0
    for word in words:
        start_ms = min(max(word.start_ms, earliest_ms), limit_ms)
        end_ms = min(max(word.end_ms, start_ms + 1), limit_ms)
        earliest_ms = end_ms
        yield replace(word, start_ms=start_ms, end_ms=end_ms)
