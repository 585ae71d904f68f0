"""What is asked about transcripts, and what comes of it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from earshot.llm.usage import Usage
from earshot.transcript.sentences import Sentence, split_sentences
from earshot.transcript.words import Word

Kind = Literal["task", "summary", "question-answer", "action-items"]

# Longer than any word: what is longer, is several.
MAX_WORD_CHARS = 200
_UNSPACED_END = re.compile("(?<=[\u3002\uff01\uff1f])")

EXTRACTIVE = "extractive"
"""The method of an answer that is made of what was said, without a language model."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and what an answer to it should look like; not both of the last two."""

    text: str = field(repr=False)
    context: str | None = field(default=None, repr=False)
    answer_format: str | None = field(default=None, repr=False)
    answer_options: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked. A task has a prompt, of questions there is one or more."""

    kind: Kind
    prompt: str | None = field(default=None, repr=False)
    context: str | None = field(default=None, repr=False)
    answer_format: str | None = field(default=None, repr=False)
    questions: tuple[Question, ...] = ()
    max_output_tokens: int = 2000
    temperature: float | None = None

    @property
    def wording(self) -> str:
        """All that is asked, by whose words passages are found."""
        return " ".join(filter(None, (self.prompt, self.context)))


@dataclass(frozen=True, slots=True)
class Source:
    """What is asked about: a transcript, or without its id a text, whose times mean nothing."""

    sentences: Sequence[Sentence] = field(repr=False)
    text: str = field(repr=False)
    transcript_id: str | None = None

    @staticmethod
    def of_text(text: str) -> "Source":
        """Text that the caller sends, with what a sentence is."""
        words = [Word(piece, 0, 0, 1.0) for part in text.split() for piece in _pieces(part)]
        return Source(split_sentences(words), text)


def _pieces(part: str) -> Iterator[str]:
    """A word; sentences, and stretches of them, where a language has no spaces between words."""
    for sentence in _UNSPACED_END.split(part):
        for start in range(0, len(sentence), MAX_WORD_CHARS):
            yield sentence[start : start + MAX_WORD_CHARS]


@dataclass(frozen=True, slots=True)
class Citation:
    """A stretch of a source. `question` counts questions from 0, where it is about one of them."""

    text: str = field(repr=False)
    start_ms: int
    end_ms: int
    transcript_id: str | None
    question: int | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer: a text, or one for each question. `method` says how it was made.

    `warnings` are sentences for the caller about what was not done as it was asked for.
    """

    texts: tuple[str, ...] = field(repr=False)
    method: str
    usage: Usage = field(default_factory=Usage)
    citations: tuple[Citation, ...] = ()
    warnings: tuple[str, ...] = ()
