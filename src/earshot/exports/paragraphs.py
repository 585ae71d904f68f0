"""Sentences into paragraphs, by speaking time, length of text and pauses."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from earshot.transcript.sentences import Sentence, split_sentences
from earshot.transcript.words import Word, join_words, mean_confidence

# A silence after which a new thought is likely, once the paragraph has some body.
LONG_PAUSE_MS = 2_000
PAUSE_MS = 800
MIN_CHARS = 120
# About five lines of print: from here the next pause will do.
GOOD_CHARS = 450
MAX_CHARS = 800
MAX_SPEAKING_MS = 60_000


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Consecutive sentences of one speaker on one channel; never empty."""

    sentences: tuple[Sentence, ...]

    @property
    def words(self) -> tuple[Word, ...]:
        return tuple(word for sentence in self.sentences for word in sentence.words)

    @property
    def text(self) -> str:
        return join_words(self.words)

    @property
    def start_ms(self) -> int:
        return self.sentences[0].start_ms

    @property
    def end_ms(self) -> int:
        return self.sentences[-1].end_ms

    @property
    def confidence(self) -> float:
        return mean_confidence(self.words)

    @property
    def speaker(self) -> str | None:
        return self.sentences[0].speaker

    @property
    def channel(self) -> int | None:
        return self.sentences[0].channel


def split_paragraphs(words: Sequence[Word]) -> list[Paragraph]:
    """The paragraphs, by start; each sentence of `split_sentences` is in exactly one."""
    sentences = split_sentences(words)
    runs = groupby(sentences, key=lambda sentence: (sentence.speaker, sentence.channel))
    return [paragraph for _, run in runs for paragraph in _split_run(list(run))]


def _split_run(sentences: list[Sentence]) -> list[Paragraph]:
    """Cut the sentences that one speaker said in a row."""
    gathered = [sentences[0]]
    paragraphs: list[Paragraph] = []
    for previous, sentence in pairwise(sentences):
        if _begins_paragraph(gathered, sentence, sentence.start_ms - previous.end_ms):
            paragraphs.append(Paragraph(tuple(gathered)))
            gathered = []
        gathered.append(sentence)
    return [*paragraphs, Paragraph(tuple(gathered))]


def _begins_paragraph(gathered: Sequence[Sentence], following: Sentence, pause_ms: int) -> bool:
    n_chars = sum(len(sentence.text) + 1 for sentence in gathered)
    speaking_ms = following.end_ms - gathered[0].start_ms
    if n_chars + len(following.text) > MAX_CHARS or speaking_ms > MAX_SPEAKING_MS:
        return True
    if n_chars >= GOOD_CHARS:
        return pause_ms >= PAUSE_MS
    return n_chars >= MIN_CHARS and pause_ms >= LONG_PAUSE_MS
