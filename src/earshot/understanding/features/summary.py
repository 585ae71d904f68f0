"""`summarization`: what was said, in few words; by a language model where there is one."""

from collections.abc import Sequence

from pydantic import BaseModel, Field

from earshot.errors import LlmFailed
from earshot.llm.answers import LlmAnswers
from earshot.llm.client import Budget
from earshot.llm.language_models import LanguageModels
from earshot.transcript.findings import FeatureName, Findings
from earshot.transcript.options import (
    SummaryForm,
    SummaryModel,
    SummaryOptions,
    UnderstandingOptions,
)
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

MAX_ANSWER_TOKENS = 1200
# Half a page at most, however long the talk was.
MAX_BULLETS = 7
MAX_PARAGRAPH_SENTENCES = 6
MAX_SECTIONS = 8
SENTENCES_PER_EXTRACT = 15

_FORMS: dict[SummaryForm, str] = {
    "bullets": "Give 2 to 7 points, one short sentence each: the most important of what was said.",
    "bullets_verbose": "Give 2 to 8 points, a paragraph of 2 to 4 sentences each, which together "
    "follow everything that was said.",
    "gist": "Give one point of 2 to 6 words that names the subject, without a full stop.",
    "headline": "Give one point: a single sentence of at most 20 words.",
    "paragraph": "Give one point: a single paragraph of 2 to 6 sentences.",
}
_MODELS: dict[SummaryModel, str] = {
    "informative": "Summarise the transcript below for somebody who was not there.",
    "conversational": "Summarise the conversation below: what each side wanted, and what was "
    "agreed. Call the speakers what the transcript calls them, or by their names.",
    "catchy": "Write a title for the recording below, such as would make people want to hear it.",
}


class SummaryAnswer(BaseModel):
    """What a language model answers: one point, or several."""

    points: list[Text] = Field(min_length=1, max_length=20)


class SummaryFeature:
    """A summary in the form that is asked for."""

    name: FeatureName = "summarization"
    is_english_only = True

    def __init__(self, models: LanguageModels | None = None) -> None:
        """Without `models`, or where they fail, sentences are taken out of the transcript."""
        self._models = models

    def is_asked_for(self, options: UnderstandingOptions) -> bool:
        return options.summary is not None

    def find(self, transcript: FinishedTranscript, options: UnderstandingOptions) -> Findings:
        assert options.summary is not None  # it was asked for
        answers = None if self._models is None else self._models.of_project(transcript.project)
        notice = None
        if answers is not None and transcript.sentences:
            try:
                budget = Budget(BUDGET_S, transcript.require_wanted, meter=transcript.meter)
                summary = write_summary(transcript.sentences, options.summary, answers, budget)
                return Findings(summary=summary).by(self.name, f"llm:{answers.name}")
            except LlmFailed as error:
                notice = notice_of(self.name, error)
        summary = extract_summary(transcript.sentences, options.summary.form)
        return Findings(summary=summary).by(self.name, EXTRACTIVE, notice)


def extract_summary(sentences: Sequence[Sentence], form: SummaryForm) -> str:
    """The summary that the best sentences make; empty where there is none."""
    if form == "gist":
        return gist_of(sentences)
    if form == "headline":
        return headline_of(sentences)
    if form == "bullets_verbose":
        return _bulleted(_section_extracts(sentences))
    grown = 2 + len(sentences) // SENTENCES_PER_EXTRACT
    if form == "bullets":
        return _bulleted(extract(sentences, min(MAX_BULLETS, grown)))
    return " ".join(extract(sentences, min(MAX_PARAGRAPH_SENTENCES, grown)))


def write_summary(
    sentences: Sequence[Sentence], options: SummaryOptions, answers: LlmAnswers, budget: Budget
) -> str:
    """The summary that a language model writes; of a long talk, from notes on each of its parts.

    Raises LlmFailed.
    """
    instructions = f"{_MODELS[options.model]} {_FORMS[options.form]} {RULES}"
    material = condense(sentences, answers, budget)
    answer = answers.ask(
        instructions, material, SummaryAnswer, budget, max_tokens=MAX_ANSWER_TOKENS
    )
    points = [" ".join(point.split()).removeprefix("- ") for point in answer.points]
    if options.form in ("bullets", "bullets_verbose"):
        return _bulleted(points)
    return " ".join(points) if options.form == "paragraph" else points[0]


def _section_extracts(sentences: Sequence[Sentence]) -> list[str]:
    """A paragraph for each subject, in temporal order: of many, the longest are kept apart."""
    shortest = max(3, len(sentences) // MAX_SECTIONS)
    sections = divide_by_subject([one.text for one in sentences], min_texts=shortest)
    paragraphs = [" ".join(extract(sentences[one.start : one.stop], 3)) for one in sections]
    return [paragraph for paragraph in paragraphs if paragraph]


def _bulleted(points: Sequence[str]) -> str:
    """Lines that begin with a dash, without a line break behind the last."""
    return "\n".join(f"- {point}" for point in points)
