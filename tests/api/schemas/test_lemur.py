import uuid
from typing import Any

import pytest

from earshot.api.schemas.lemur import (
    ActionItemsParameters,
    LemurParameters,
    QuestionAnswerParameters,
    SummaryParameters,
    TaskParameters,
    lemur_body,
    text_of,
)
from earshot.errors import RequestInvalid
from earshot.llm.usage import Usage
from earshot.understanding.answering.task import Answered, Citation, Question, Task

FIRST, SECOND = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))


def test_transcripts_are_taken_once_each_in_their_order() -> None:
    sources = [{"id": SECOND, "type": "transcript"}, {"id": FIRST, "type": "transcript"}]
    assert LemurParameters.parse({"sources": sources}).source_ids == (SECOND, FIRST)
    ids = [FIRST, SECOND, FIRST]
    assert LemurParameters.parse({"transcript_ids": ids}).source_ids == (FIRST, SECOND)
    # What the SDK sends along with a text.
    assert LemurParameters.parse({"sources": [], "input_text": "x"}).source_ids == ()


def test_what_was_not_given_is_as_it_is_documented() -> None:
    task = TaskParameters.parse({"prompt": "Why?", "final_model": None}).task
    assert task == Task("task", prompt="Why?", max_output_tokens=2000, temperature=None)
    assert ActionItemsParameters.parse({}).task == Task("action-items")
    assert SummaryParameters.parse({"answer_format": "TLDR"}).task == Task(
        "summary", answer_format="TLDR"
    )


def test_questions_keep_what_belongs_to_them() -> None:
    asked: list[dict[str, Any]] = [
        {"question": "a", "context": {"b": "c"}, "answer_format": "d"},
        {"question": "e", "answer_options": ["f"]},
    ]
    task = QuestionAnswerParameters.parse({"questions": asked, "context": "g"}).task
    assert task.context == "g"
    assert task.questions == (
        Question("a", '{"b": "c"}', "d"),
        Question("e", answer_options=("f",)),
    )


@pytest.mark.parametrize(
    ("model", "most"),
    [
        ("anthropic/claude-sonnet-4-20250514", 64_000),
        ("anthropic/claude-3-5-haiku-20241022", 8192),
        ("anthropic/claude-3-haiku", 4000),
        ("a-model-of-ours", 64_000),
        (None, 4000),
    ],
)
def test_an_answer_may_be_as_long_as_the_model_writes(model: str | None, most: int) -> None:
    body = {"final_model": model, "max_output_size": most}
    assert LemurParameters.parse(body).output_tokens == most
    with pytest.raises(RequestInvalid, match=f"must be at most {most}"):
        _ = LemurParameters.parse({**body, "max_output_size": most + 1}).output_tokens


def test_an_empty_format_is_none() -> None:
    asked = {"question": "a", "answer_format": "", "answer_options": ["b"]}
    task = QuestionAnswerParameters.parse({"questions": [asked]}).task
    assert task.questions == (Question("a", answer_options=("b",)),)


def test_a_context_is_text() -> None:
    assert text_of({"a": "\u00e9"}) == '{"a": "\u00e9"}'
    assert text_of("") is None
    assert text_of(None) is None


def test_the_answer_has_what_clients_require() -> None:
    task = Task("question-answer", questions=(Question("a"),))
    citation = Citation("said", 0, 10, FIRST, 0)
    answered = Answered(("b",), "llm:fast", Usage(3, 1), (citation,), ("w",))
    assert lemur_body("r", task, answered, "tiny").model_dump() == {
        "request_id": "r",
        "response": [{"question": "a", "answer": "b"}],
        "usage": {"input_tokens": 3, "output_tokens": 1},
        "metadata": {
            "method": "llm:fast",
            "model": "tiny",
            "citations": [
                {"transcript_id": FIRST, "start": 0, "end": 10, "text": "said", "question": 0}
            ],
            "warnings": ["w"],
        },
    }
    assert lemur_body("r", Task("summary"), answered, None).response == "b"
