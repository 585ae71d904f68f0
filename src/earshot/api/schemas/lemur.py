"""Bodies of `/lemur/v3`: what may be asked about transcripts, and what comes of it."""

import json
import uuid
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from earshot.api.schemas.wire import TO_FIRST_FAULT, Must, Ratio, Text, WireModel
from earshot.api.schemas.words import is_none
from earshot.errors import RequestInvalid
from earshot.llm.usage import estimate_tokens
from earshot.understanding.answering.task import Answered, Citation, Question, Task

MAX_SOURCES: Final = 1000
MAX_QUESTIONS: Final = 100
MAX_TOKENS: Final = 200_000
DEFAULT_OUTPUT_TOKENS: Final = 2000
# "max_output_size": as the compatible API has it for its models, in tokens.
MAX_OUTPUT_TOKENS: Final = {
    "anthropic/claude-3-5-haiku-20241022": 8192,
    "anthropic/claude-3-5-sonnet": 4000,
    "anthropic/claude-3-opus": 4000,
    "anthropic/claude-3-haiku": 4000,
    "anthropic/claude-3-sonnet": 4000,
    "anthropic/claude-2-1": 4000,
    "anthropic/claude-2": 4000,
    "assemblyai/mistral-7b": 4000,
    "default": 4000,
    "basic": 4000,
}
MOST_OUTPUT_TOKENS: Final = 64_000
INVALID_SOURCE: Final = "each transcript source id must be valid"

Context = Annotated[str | dict[str, Any] | None, Must("a string or an object")]
_SOURCES = Must(f"a list of at most {MAX_SOURCES} objects with the id and the type of a transcript")
_QUESTIONS = Must(
    f"a list of 1 to {MAX_QUESTIONS} objects, each with a question, and if need be a context, an "
    "answer_format that is text, or answer_options that are texts"
)


class SourceParameters(WireModel):
    """A transcript, as the older Python SDK names it."""

    id: Annotated[str, Must("the id of a transcript")]
    type: Annotated[Literal["transcript"], Must("transcript")]


class LemurParameters(WireModel):
    """What every request has: transcripts, or a text, and how to answer."""

    transcript_ids: Annotated[
        Annotated[list[str], Field(max_length=MAX_SOURCES)] | None,
        Must(f"a list of at most {MAX_SOURCES} ids of transcripts"),
    ] = None
    """Completed transcripts of at most 100 hours in all. Their text is read, without speakers."""
    sources: Annotated[
        Annotated[list[SourceParameters], Field(max_length=MAX_SOURCES)] | None, _SOURCES
    ] = None
    """The same, as the Python SDK sends it."""
    input_text: Text = None
    """A text to be read in place of transcripts."""
    context: Context = None
    """What is worth knowing beside the text."""
    final_model: Text = None
    """The name of a model: see `GET /v1/models`. Others stand for this server's own."""
    max_output_size: Annotated[Annotated[int, Field(ge=1)] | None, Must("a number from 1 on")] = (
        None
    )
    """How long the answer may be, in tokens. 2000 unless given."""
    temperature: Ratio = None
    """How freely the model words it. 0 unless given."""

    @property
    def source_ids(self) -> tuple[str, ...]:
        """The transcripts, each once, in their order; RequestInvalid where one is no id."""
        named = [*(self.transcript_ids or ()), *(one.id for one in self.sources or ())]
        for one in named:
            try:
                uuid.UUID(one)
            except ValueError as error:
                raise RequestInvalid(INVALID_SOURCE) from error
        return tuple(dict.fromkeys(named))

    @property
    def output_tokens(self) -> int:
        """How long the answer may be; RequestInvalid where that is more than the model writes."""
        model = self.final_model or "default"
        most = MAX_OUTPUT_TOKENS.get(model, MOST_OUTPUT_TOKENS)
        if self.max_output_size is None:
            return DEFAULT_OUTPUT_TOKENS
        if self.max_output_size > most:
            raise RequestInvalid(f"max_output_size must be at most {most} for final_model {model}")
        return self.max_output_size

    def require_one_input(self) -> None:
        """RequestInvalid unless there are transcripts or a text, and not both."""
        has_text, has_sources = bool(self.input_text), bool(self.source_ids)
        if has_text == has_sources:
            raise RequestInvalid("either transcript_ids or input_text must be given, and not both")

    def require_not_too_long(self, *texts: str | None) -> None:
        """RequestInvalid where what is to be read besides transcripts is too much."""
        given = (*texts, text_of(self.context), self.input_text)
        if sum(estimate_tokens(one or "") for one in given) > MAX_TOKENS:
            raise RequestInvalid(
                f"what is asked, context and input_text must be at most {MAX_TOKENS} tokens"
            )


class TaskParameters(LemurParameters):
    """A prompt of your own."""

    prompt: Annotated[Annotated[str, Field(pattern=r"\S")], Must("a string that is not empty")]

    @property
    def task(self) -> Task:
        self.require_not_too_long(self.prompt)
        return Task(
            "task",
            prompt=self.prompt,
            context=text_of(self.context),
            max_output_tokens=self.output_tokens,
            temperature=self.temperature,
        )


class SummaryParameters(LemurParameters):
    """What was said, in few words."""

    answer_format: Text = None
    """In words: "TLDR", "bullet points", "one sentence"."""

    @property
    def task(self) -> Task:
        self.require_not_too_long(self.answer_format)
        return Task(
            "summary",
            context=text_of(self.context),
            answer_format=self.answer_format,
            max_output_tokens=self.output_tokens,
            temperature=self.temperature,
        )


class ActionItemsParameters(LemurParameters):
    """What is to be done by somebody afterwards."""

    answer_format: Text = None
    """In words; "Bullet Points" unless given."""

    @property
    def task(self) -> Task:
        self.require_not_too_long(self.answer_format)
        return Task(
            "action-items",
            context=text_of(self.context),
            answer_format=self.answer_format,
            max_output_tokens=self.output_tokens,
            temperature=self.temperature,
        )


class QuestionParameters(WireModel):
    """A question. `answer_format` and `answer_options` exclude each other."""

    question: Annotated[Annotated[str, Field(pattern=r"\S")], Must("a string that is not empty")]
    context: Context = None
    answer_format: Text = None
    answer_options: Annotated[
        Annotated[list[Annotated[str, Field(pattern=r"\S")]], Field(min_length=1), TO_FIRST_FAULT]
        | None,
        Must("a list of strings that are not empty"),
    ] = None


class QuestionAnswerParameters(LemurParameters):
    """Questions, which are answered in their order."""

    questions: Annotated[
        Annotated[list[QuestionParameters], Field(min_length=1, max_length=MAX_QUESTIONS)],
        _QUESTIONS,
    ]

    @property
    def task(self) -> Task:
        questions = tuple(_question(one) for one in self.questions)
        texts = (text for one in questions for text in _texts_of(one))
        self.require_not_too_long(*texts)
        return Task(
            "question-answer",
            context=text_of(self.context),
            questions=questions,
            max_output_tokens=self.output_tokens,
            temperature=self.temperature,
        )


class TokensBody(WireModel):
    """Tokens that a language model read and wrote; none where there was none."""

    input_tokens: int
    output_tokens: int


class QuestionAnswerBody(WireModel):
    """A question with its answer."""

    question: str
    answer: str


class CitationBody(WireModel):
    """A passage that shares words with what was asked and answered: found by these alone."""

    transcript_id: Annotated[str | None, Field(exclude_if=is_none)] = None
    start: Annotated[int | None, Field(exclude_if=is_none)] = None
    """Milliseconds, in a transcript."""
    end: Annotated[int | None, Field(exclude_if=is_none)] = None
    """Milliseconds, in a transcript."""
    text: str
    question: Annotated[int | None, Field(exclude_if=is_none)] = None
    """Which of the questions it is about, from 0."""


class LemurMetadataBody(WireModel):
    """Not of the compatible API: how the answer was made."""

    method: str
    """`llm:` and the name of an endpoint; or `extractive`, of sentences as they were said."""
    model: str | None
    """The model at that endpoint."""
    citations: list[CitationBody]
    warnings: list[str]
    """What was not done as it was asked for."""


class LemurBody(WireModel):
    """The answer: a text, or one for each question."""

    request_id: str
    response: str | list[QuestionAnswerBody]
    usage: TokensBody
    metadata: LemurMetadataBody


class PurgedBody(WireModel):
    """What was answered is deleted."""

    request_id: str
    request_id_to_purge: str
    deleted: bool


def lemur_body(request_id: str, task: Task, answered: Answered, model: str | None) -> LemurBody:
    response: str | list[QuestionAnswerBody] = answered.texts[0]
    if task.questions:
        pairs = zip(task.questions, answered.texts, strict=True)
        response = [QuestionAnswerBody(question=one.text, answer=text) for one, text in pairs]
    return LemurBody(
        request_id=request_id,
        response=response,
        usage=TokensBody(
            input_tokens=answered.usage.input_tokens, output_tokens=answered.usage.output_tokens
        ),
        metadata=LemurMetadataBody(
            method=answered.method,
            model=model,
            citations=[_citation_body(one) for one in answered.citations],
            warnings=list(answered.warnings),
        ),
    )


def text_of(context: str | dict[str, Any] | None) -> str | None:
    """A context as a model reads it: an object as JSON."""
    if context is None or isinstance(context, str):
        return context or None
    return json.dumps(context, ensure_ascii=False)


def _question(wire: QuestionParameters) -> Question:
    if wire.answer_format and wire.answer_options:
        raise RequestInvalid("questions must not have both answer_format and answer_options")
    return Question(
        wire.question,
        text_of(wire.context),
        wire.answer_format or None,
        tuple(wire.answer_options or ()),
    )


def _texts_of(question: Question) -> tuple[str | None, ...]:
    return question.text, question.context, question.answer_format, *question.answer_options


def _citation_body(citation: Citation) -> CitationBody:
    is_timed = citation.transcript_id is not None
    return CitationBody(
        transcript_id=citation.transcript_id,
        start=citation.start_ms if is_timed else None,
        end=citation.end_ms if is_timed else None,
        text=citation.text,
        question=citation.question,
    )
