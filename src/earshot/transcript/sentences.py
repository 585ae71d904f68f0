"""Words into sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from earshot.transcript.punctuation import CLOSERS, PHRASE_MARKS, SENTENCE_MARKS
from earshot.transcript.sentence_ends import SENTENCE_PAUSE_MS, ends_sentence, is_cased
from earshot.transcript.tracks import silence_before_ms, split_by_channel
from earshot.transcript.words import Word, join_words, mean_confidence

# An unpunctuated stretch is cut to about this; English sentences in speech average 15 to 20 words.
MAX_UNPUNCTUATED_WORDS = 40
# Longer than any sentence a speaker gets through: the recognizer has lost a full stop.
MAX_PUNCTUATED_WORDS = 120


@dataclass(frozen=True, slots=True)
class Sentence:
    """Consecutive words of one speaker on one channel that make a sentence; never empty."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        return join_words(self.words)

    @property
    def start_ms(self) -> int:
        return self.words[0].start_ms

    @property
    def end_ms(self) -> int:
        return self.words[-1].end_ms

    @property
    def confidence(self) -> float:
        return mean_confidence(self.words)

    @property
    def speaker(self) -> str | None:
        return self.words[0].speaker

    @property
    def channel(self) -> int | None:
        return self.words[0].channel


def split_sentences(words: Sequence[Word]) -> list[Sentence]:
    """The sentences, by start; each word is in exactly one.

    Words without punctuation are split at pauses, and where there are none, by length. Channels are
    split apart from one another, so that people who talk at once keep their sentences whole.
    """
    sentences = [
        Sentence(tuple(piece))
        for track in split_by_channel(words)
        for stretch in split_by_speaker(track)
        for punctuated in _split_at_punctuation(stretch)
        for piece in _split_by_length(punctuated)
    ]
    return sorted(sentences, key=lambda sentence: sentence.start_ms)


def split_by_speaker(words: Sequence[Word]) -> list[list[Word]]:
    """Stretches of consecutive words that one speaker said."""
    cuts = [
        i + 1 for i, (left, right) in enumerate(pairwise(words)) if left.speaker != right.speaker
    ]
    return _cut(words, cuts)


def _split_at_punctuation(words: list[Word]) -> list[list[Word]]:
    cased = is_cased(words)
    cuts: list[int] = []
    for index in range(len(words) - 1):
        begins_at = cuts[-1] if cuts else 0
        if index == begins_at and _is_list_number(words[index].text):
            continue
        if ends_sentence(words, index, cased=cased):
            cuts.append(index + 1)
    return _cut(words, cuts)


def _is_list_number(text: str) -> bool:
    """True of the "1." that counts an item of a list and belongs to what it counts."""
    return text.endswith(".") and len(text) <= 3 and text[:-1].isdigit()


def _split_by_length(words: list[Word]) -> list[list[Word]]:
    """Cut what punctuation left too long."""
    if words[-1].text.rstrip(CLOSERS).endswith(SENTENCE_MARKS):
        return _halve_above(words, MAX_PUNCTUATED_WORDS)
    cuts = [
        index
        for index in range(1, len(words))
        if silence_before_ms(words, index) >= SENTENCE_PAUSE_MS
    ]
    return [
        piece
        for stretch in _cut(words, cuts)
        for piece in _halve_above(stretch, MAX_UNPUNCTUATED_WORDS)
    ]


def _halve_above(words: list[Word], max_words: int) -> list[list[Word]]:
    """Pieces of at most `max_words`, cut where the speaker paused longest, best near the middle."""
    pieces: list[list[Word]] = []
    waiting = [words]
    while waiting:
        piece = waiting.pop()
        if len(piece) <= max_words:
            pieces.append(piece)
            continue
        cut = _best_cut(piece)
        waiting += [piece[cut:], piece[:cut]]
    return pieces


def _best_cut(words: list[Word]) -> int:
    """The index of the word before which a stretch without a full stop is best cut."""
    middle = len(words) / 2
    # The outer quarters are left out: a cut there leaves a fragment.
    candidates = range(len(words) // 4, len(words) - len(words) // 4 + 1)

    def merit(index: int) -> tuple[int, bool, float]:
        pause_ms = silence_before_ms(words, index)
        follows_comma = words[index - 1].text.endswith(PHRASE_MARKS)
        return pause_ms // 100, follows_comma, -abs(index - middle)

    return max((index for index in candidates if index > 0), key=merit)


def _cut(words: Sequence[Word], cuts: Sequence[int]) -> list[list[Word]]:
    """The stretches between the cuts; an empty list where there is no word."""
    if not words:
        return []
    bounds = [0, *cuts, len(words)]
    return [list(words[start:end]) for start, end in pairwise(bounds)]
