"""`auto_chapters`: the subjects of a talk in their order, each with its names and its summary."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, StringConstraints

from earshot.errors import LlmFailed
from earshot.llm.answers import LlmAnswers
from earshot.llm.client import Budget
from earshot.llm.language_models import LanguageModels
from earshot.transcript.findings import Chapter, FeatureName, Findings
from earshot.transcript.options import UnderstandingOptions
from earshot.transcript.sentences import Sentence
from earshot.understanding.extracts import extract, gist_of, headline_of
from earshot.understanding.feature import FinishedTranscript
from earshot.understanding.subjects import divide_by_subject
from earshot.understanding.writing import (
    BUDGET_S,
    EXTRACTIVE,
    RULES,
    Text,
    condense,
    notice_of,
)

MAX_ANSWER_TOKENS = 500
# Whoever looks for a place in a recording is not helped by shorter ones.
MIN_CHAPTER_MS = 20_000
SENTENCES_PER_EXTRACT = 12
MAX_SUMMARY_SENTENCES = 4

_INSTRUCTIONS = (
    "Below is one chapter of a transcript. Give its gist (2 to 6 words, no full stop), its "
    "headline (one sentence of at most 20 words) and its summary (one paragraph of 1 to 4 "
    f"sentences). {RULES}"
)


class ChapterAnswer(BaseModel):
    """What a language model answers about one chapter."""

    gist: Annotated[Text, StringConstraints(max_length=200)]
    headline: Annotated[Text, StringConstraints(max_length=600)]
    summary: Text


class ChaptersFeature:
    """Chapters, cut by the words in them; a language model, where there is one, names them."""

    name: FeatureName = "auto_chapters"
    is_english_only = True

    def __init__(self, models: LanguageModels | None = None) -> None:
        """Without `models`, or where they fail, sentences are taken out of the transcript."""
        self._models = models

    def is_asked_for(self, options: UnderstandingOptions) -> bool:
        return options.chapters

    def find(self, transcript: FinishedTranscript, options: UnderstandingOptions) -> Findings:
        del options  # "not configurable"
        stretches = divide_into_chapters(transcript.sentences)
        chapters = _contiguous([extract_chapter(stretch) for stretch in stretches])
        answers = None if self._models is None else self._models.of_project(transcript.project)
        if answers is None or not chapters:
            return Findings(chapters=chapters).by(self.name, EXTRACTIVE)
        try:
            budget = Budget(BUDGET_S, transcript.require_wanted, meter=transcript.meter)
            written = tuple(_write_chapters(chapters, stretches, answers, budget))
        except LlmFailed as error:
            notice = notice_of(self.name, error)
            return Findings(chapters=chapters).by(self.name, EXTRACTIVE, notice)
        return Findings(chapters=written).by(self.name, f"llm:{answers.name}")


def divide_into_chapters(sentences: Sequence[Sentence]) -> list[Sequence[Sentence]]:
    """Stretches of at least `MIN_CHAPTER_MS`, unless all is shorter; together they are all."""
    stretches: list[Sequence[Sentence]] = []
    for subject in divide_by_subject([one.text for one in sentences]):
        stretch = sentences[subject.start : subject.stop]
        if stretches and min(_length_ms(stretches[-1]), _length_ms(stretch)) < MIN_CHAPTER_MS:
            stretches[-1] = [*stretches[-1], *stretch]
        else:
            stretches.append(stretch)
    return stretches


def extract_chapter(sentences: Sequence[Sentence]) -> Chapter:
    """The chapter that the sentences are, in their own words."""
    n_wanted = min(MAX_SUMMARY_SENTENCES, 1 + len(sentences) // SENTENCES_PER_EXTRACT)
    return Chapter(
        gist=gist_of(sentences),
        headline=headline_of(sentences),
        summary=" ".join(extract(sentences, n_wanted)),
        start_ms=sentences[0].start_ms,
        end_ms=max(one.end_ms for one in sentences),
    )


def _contiguous(chapters: Sequence[Chapter]) -> tuple[Chapter, ...]:
    """The same, none ending after the next begins: two people may speak at once."""
    capped = [
        replace(chapter, end_ms=min(chapter.end_ms, following.start_ms))
        for chapter, following in pairwise(chapters)
    ]
    return (*capped, *chapters[-1:])


def _length_ms(sentences: Sequence[Sentence]) -> int:
    return sentences[-1].end_ms - sentences[0].start_ms


def _write_chapters(
    chapters: Sequence[Chapter],
    stretches: Sequence[Sequence[Sentence]],
    answers: LlmAnswers,
    budget: Budget,
) -> list[Chapter]:
    """The same chapters, named by a language model. Raises LlmFailed."""
    written: list[Chapter] = []
    for chapter, stretch in zip(chapters, stretches, strict=True):
        material = condense(stretch, answers, budget)
        answer = answers.ask(
            _INSTRUCTIONS, material, ChapterAnswer, budget, max_tokens=MAX_ANSWER_TOKENS
        )
        written.append(
            replace(
                chapter,
                gist=" ".join(answer.gist.split()),
                headline=" ".join(answer.headline.split()),
                summary=" ".join(answer.summary.split()),
            )
        )
    return written
