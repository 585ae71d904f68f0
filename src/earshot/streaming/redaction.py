"""What must be hidden in the turns of a live session, and turns in which it is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from earshot.errors import SecretsNotHidden
from earshot.streaming.events import LiveWord, Passage, SecretsWanted, Told, TurnUpdated
from earshot.transcript.options import RedactionOptions, RedactionSubstitution
from earshot.transcript.words import Word
from earshot.understanding.entities.candidates import Tagged, Tagger
from earshot.understanding.redaction.redact import find_secrets, hide_words
from earshot.understanding.redaction.repeats import Secret

# Words before a turn that a tagger reads with it.
TAGGED_BEFORE = 24


@dataclass(frozen=True, slots=True)
class Hidden:
    """A stretch of time in which no word may be told, and the label that stands for each."""

    start_ms: int
    end_ms: int
    label: str

    def overlaps(self, word: LiveWord) -> bool:
        """Whether they share a moment; words without length, as some are, last one."""
        end_ms = max(self.end_ms, self.start_ms + 1)
        word_end_ms = max(word.end_ms, word.start_ms + 1)
        return word.start_ms < end_ms and self.start_ms < word_end_ms


@dataclass(frozen=True, slots=True)
class TurnSecrets:
    """What must be hidden in a turn, and what must not be said again in the session."""

    hidden: tuple[Hidden, ...]
    known: tuple[Secret, ...] = field(default=(), repr=False)


def find_turn_secrets(wanted: SecretsWanted, tagger: Tagger | None = None) -> TurnSecrets:
    """What is wanted; takes its time.

    A secret may be known as such only in one of the two forms, as a number in digits: what is
    hidden in one is hidden in the other. Names are the same in both, and the tagger takes longest.
    """
    hidden: list[Hidden] = []
    known: dict[Secret, None] = {}
    reader = None
    if tagger is not None:
        reader = _TaggerOfTheEnd(tagger, len(wanted.spoken.words) + TAGGED_BEFORE)
    readers = {wanted.written: None, wanted.spoken: reader}  # often the two are the same
    for passage, its_reader in readers.items():
        said = [*passage.before, *passage.words]
        found = find_secrets(said, wanted.redaction, its_reader, wanted.known)
        hidden += _stretches(passage, found.labels)
        known |= dict.fromkeys(found.secrets)
    return TurnSecrets(tuple(hidden), tuple(known))


class _TaggerOfTheEnd:
    """A tagger that reads the last words alone: those before were read with the turns before."""

    def __init__(self, tagger: Tagger, n_words: int) -> None:
        self._tagger = tagger
        self._n_words = n_words

    def tag(self, words: Sequence[Word]) -> Iterator[Tagged]:
        n_left_out = max(0, len(words) - self._n_words)
        for tagged in self._tagger.tag(words[n_left_out:]):
            first, end = tagged.first + n_left_out, tagged.end + n_left_out
            yield replace(tagged, first=first, end=end)


def _stretches(passage: Passage, labels: Mapping[int, str]) -> Iterator[Hidden]:
    for index, word in enumerate(passage.words, start=len(passage.before)):
        if index in labels:
            yield Hidden(word.start_ms, word.end_ms, labels[index])


def hide_live_words(
    words: Sequence[LiveWord], hidden: Sequence[Hidden], substitution: RedactionSubstitution
) -> tuple[LiveWord, ...]:
    """The words, with a substitute for each that is said while something is hidden."""
    labels = {
        index: one.label for index, word in enumerate(words) for one in hidden if one.overlaps(word)
    }
    texts = hide_words([as_word(word, word.text) for word in words], labels, substitution)
    forms = hide_words([as_word(word, word.form) for word in words], labels, substitution)
    return tuple(
        replace(word, text=text.text, form=form.text)
        for word, text, form in zip(words, texts, forms, strict=True)
    )


def require_hidden(told: Told, redaction: RedactionOptions | None) -> None:
    """SecretsNotHidden for what would show what a session with this redaction has to hide."""
    if not isinstance(told, TurnUpdated):
        return
    is_open = redaction is not None and not told.is_end
    if is_open or told.written is not None:
        raise SecretsNotHidden


def as_word(word: LiveWord, text: str) -> Word:
    """The word as one of a recording."""
    return Word(text, word.start_ms, word.end_ms, word.confidence)
