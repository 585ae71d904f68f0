"""What a recognizer made of a window of live audio, as words that can be compared and told."""

from collections.abc import Sequence
from dataclasses import dataclass

from earshot.audio.speech import Span
from earshot.audio.waveform import SAMPLE_RATE
from earshot.formatting.casing import lower_case
from earshot.formatting.numerals import spell_numerals
from earshot.formatting.punctuation import strip_punctuation
from earshot.recognition.recognizer import NO_WORDS, Draft, Recognition
from earshot.recognition.transcribe import DEFAULT_RECOGNITION_POLICY, without_unheard_tail
from earshot.transcript.times import ms_to_samples, samples_to_ms
from earshot.transcript.words import Word


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word in ms from the start of the session.

    `text` is what is told while the turn goes on: lower case, no marks. `form` is how the
    recognizer writes it there.
    """

    text: str
    form: str
    start_ms: int
    end_ms: int
    confidence: float


@dataclass(frozen=True, slots=True)
class LastHearing:
    """What the recognizer made of a window that began at `start_samples`."""

    recognition: Recognition = NO_WORDS
    start_samples: int = 0

    def draft(self, start_samples: int) -> Draft:
        """What a window that begins there will begin with.

        As the recognizer wrote the words itself, also where a word that is final says otherwise:
        what it heard otherwise once, it will again.
        """
        start_ms = samples_to_ms(start_samples - self.start_samples, SAMPLE_RATE)
        words = tuple(word.text for word in self.recognition.words if word.start_ms >= start_ms)
        return Draft(words, self.recognition.memory)


def heard_words(
    recognition: Recognition, start_samples: int, speech: Sequence[Span], *, is_english: bool
) -> list[HeardWord]:
    """The words of a window that begins at `start_samples`.

    What recordings are not believed is not believed here either: noise, and words that come after
    the audio has ended.
    """
    if recognition.mean_logprob < DEFAULT_RECOGNITION_POLICY.min_mean_logprob:
        return []
    believed = without_unheard_tail(recognition.words)
    placed = [_placed(word, start_samples, speech) for word in believed]
    spelled = spell_numerals(placed) if is_english else placed
    heard = []
    for word in spelled:
        pieces = lower_case(strip_punctuation([word]))
        forms = [word.text] if len(pieces) == 1 else [piece.text for piece in pieces]
        heard += [
            HeardWord(piece.text, form, piece.start_ms, piece.end_ms, piece.confidence)
            for piece, form in zip(pieces, forms, strict=True)
        ]
    return heard


def _placed(word: Word, start_samples: int, speech: Sequence[Span]) -> Word:
    """The word in ms from the start of the session, drawn in to the speech that it overlaps."""
    start = start_samples + ms_to_samples(word.start_ms, SAMPLE_RATE)
    end = start_samples + ms_to_samples(word.end_ms, SAMPLE_RATE)
    overlaps = [
        (min(end, span.end_samples) - max(start, span.start_samples), span) for span in speech
    ]
    n_shared, longest = max(overlaps, key=lambda pair: pair[0], default=(0, Span(start, end)))
    if n_shared > 0:
        start, end = max(start, longest.start_samples), min(end, longest.end_samples)
    return Word(
        word.text,
        samples_to_ms(start, SAMPLE_RATE),
        samples_to_ms(end, SAMPLE_RATE),
        word.confidence,
    )
