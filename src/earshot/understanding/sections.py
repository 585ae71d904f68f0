"""Sentences into sections: the stretches for which topics and sensitive content are told."""

from collections.abc import Sequence
from dataclasses import dataclass

from earshot.transcript.sentences import Sentence

# Some half a minute of speech, as in the compatible API's example: 5 to 7 sentences of prose.
ENOUGH_WORDS = 75
# A section that long may end where the speaker pauses.
SOME_WORDS = 40
PAUSE_MS = 2000
# A rest that is shorter belongs to the section before it.
MIN_WORDS = 25
# No section of prose gets longer; a single sentence may.
MAX_WORDS = 130


@dataclass(frozen=True, slots=True)
class Section:
    """Consecutive sentences; `first` is the number of the first of them, counted from 0."""

    sentences: tuple[Sentence, ...]
    first: int

    @property
    def text(self) -> str:
        return " ".join(one.text for one in self.sentences)

    @property
    def last(self) -> int:
        """The number of its last sentence."""
        return self.first + len(self.sentences) - 1

    @property
    def start_ms(self) -> int:
        return self.sentences[0].start_ms

    @property
    def end_ms(self) -> int:
        return max(one.end_ms for one in self.sentences)


def divide_into_sections(sentences: Sequence[Sentence]) -> list[Section]:
    """The sections, in order; each sentence is in one."""
    bounds = [0]
    n_words = 0
    for index, sentence in enumerate(sentences):
        if index and _ends_before(n_words, sentences[index - 1], sentence):
            bounds.append(index)
            n_words = 0
        n_words += len(sentence.words)
    if 0 < n_words < MIN_WORDS and len(bounds) > 1:
        bounds.pop()
    ends = [*bounds[1:], len(sentences)]
    return [
        Section(tuple(sentences[first:end]), first)
        for first, end in zip(bounds, ends, strict=True)
        if end > first
    ]


def _ends_before(n_words: int, last: Sentence, following: Sentence) -> bool:
    """Whether a section of so many words ends between the two sentences."""
    if n_words >= ENOUGH_WORDS or n_words + len(following.words) > MAX_WORDS:
        return True
    return n_words >= SOME_WORDS and following.start_ms - last.end_ms >= PAUSE_MS
