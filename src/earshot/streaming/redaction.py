"""Secrets hidden in the turns of a live session, before anybody is told of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from earshot.streaming.events import LiveWord, TurnUpdated
from earshot.transcript.options import RedactionOptions
from earshot.transcript.words import Word
from earshot.understanding.redaction.redact import find_secret_words, hide_words

# What was said before a turn tells what is in it: an announcement, the beginning of a number. From
# so long before its start at most, and so many words.
CONTEXT_MS = 30_000
CONTEXT_WORDS = 80


@dataclass(frozen=True, slots=True)
class _Hidden:
    start_ms: int
    end_ms: int
    label: str

    def overlaps(self, word: LiveWord) -> bool:
        """Whether they share a moment; words without length, as some are, last one."""
        end_ms = max(self.end_ms, self.start_ms + 1)
        word_end_ms = max(word.end_ms, word.start_ms + 1)
        return word.start_ms < end_ms and self.start_ms < word_end_ms


class TurnRedactor:
    """Hides secrets in turns, one after the other, and remembers what was said before."""

    def __init__(self, redaction: RedactionOptions) -> None:
        self._redaction = redaction
        self._plain_before: list[Word] = []
        self._formatted_before: list[Word] = []

    def redact(self, plain: TurnUpdated, formatted: TurnUpdated) -> tuple[TurnUpdated, TurnUpdated]:
        """The end of a turn as it is told, plain and formatted, without what must be hidden.

        A secret may be known as such only in one of the two, as a number in digits: what is hidden
        in one is hidden in the other.
        """
        spoken = [_word(word, word.form or word.text) for word in plain.words]
        written = [_word(word, word.text) for word in formatted.words]
        hidden = [
            *self._find(self._plain_before, spoken),
            *self._find(self._formatted_before, written),
        ]
        self._plain_before = _recent(self._plain_before, spoken)
        self._formatted_before = _recent(self._formatted_before, written)
        return self._hide(plain, hidden), self._hide(formatted, hidden)

    def _find(self, before: Sequence[Word], words: Sequence[Word]) -> Iterator[_Hidden]:
        context = [word for word in before if words and _is_near(word, words[0])]
        labels = find_secret_words([*context, *words], self._redaction)
        for index, word in enumerate(words, start=len(context)):
            if index in labels:
                yield _Hidden(word.start_ms, word.end_ms, labels[index])

    def _hide(self, turn: TurnUpdated, hidden: Sequence[_Hidden]) -> TurnUpdated:
        labels = {
            index: one.label
            for index, word in enumerate(turn.words)
            for one in hidden
            if one.overlaps(word)
        }
        if not labels:
            return turn
        substitution = self._redaction.substitution
        texts = hide_words([_word(word, word.text) for word in turn.words], labels, substitution)
        forms = hide_words([_word(word, word.form) for word in turn.words], labels, substitution)
        words = tuple(
            replace(word, text=text.text, form=form.text)
            for word, text, form in zip(turn.words, texts, forms, strict=True)
        )
        redacted = replace(turn, words=words)
        return replace(redacted, utterance=redacted.transcript if turn.utterance else "")


def _word(word: LiveWord, text: str) -> Word:
    return Word(text, word.start_ms, word.end_ms, word.confidence)


def _is_near(word: Word, first: Word) -> bool:
    return word.end_ms > first.start_ms - CONTEXT_MS


def _recent(before: Sequence[Word], words: Sequence[Word]) -> list[Word]:
    return [*before, *words][-CONTEXT_WORDS:]
