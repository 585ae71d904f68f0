from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from earshot.egress.client import GuardedClient
from earshot.errors import LlmUnavailable
from earshot.llm.client import Budget, LlmClient
from earshot.llm.endpoints import LlmEndpoint
from earshot.llm.prose import LlmWriter
from earshot.understanding.answering.task import Answered, Question, Source, Task
from earshot.understanding.answering.written import (
    MAX_PARTS,
    ONLY_PASSAGES,
    OWN_TEMPERATURE,
    chars_at_once,
    write_answer,
)
from tests.llm.server import LlmServer, Reply, as_openai_answers, serving
from tests.understanding.answering.asked import MEETING, heard

MANY = " ".join(f"Sentence {number} is about the harbour." for number in range(400))


@contextmanager
def writing(
    reply: Callable[[dict[str, Any]], Reply],
) -> Iterator[tuple[LlmServer, Callable[..., Answered]]]:
    with serving(reply) as server:
        endpoint = LlmEndpoint("fast", server.url, "tiny")
        writer = LlmWriter(LlmClient(GuardedClient(), endpoint, timeout_s=5))

        def write(task: Task, *sources: Source, max_chars: int = 16_000) -> Answered:
            return write_answer(task, sources, writer, Budget(20), max_chars=max_chars)

        yield server, write


def material_of(asked: dict[str, Any]) -> str:
    text: str = asked["messages"][1]["content"]
    return text


def rules_of(asked: dict[str, Any]) -> str:
    text: str = asked["messages"][0]["content"]
    return text


def test_a_task_is_put_with_the_text_alone() -> None:
    task = Task("task", "Who speaks?", "A meeting", max_output_tokens=70, temperature=0.5)
    with writing(lambda _: Reply("Anna does.")) as (server, write):
        answered = write(task, heard(), heard("Second.", "u"))
    (asked,) = server.asked
    assert material_of(asked) == f"{MEETING}\n\nSecond."
    assert "Who speaks?\nContext: A meeting" in rules_of(asked)
    assert (asked["max_tokens"], asked["temperature"]) == (70, 0.5)
    assert answered.texts == ("Anna does.",)
    assert answered.method == "llm:fast"
    assert answered.usage.input_tokens > 0


@pytest.mark.parametrize(
    ("task", "words"),
    [
        (Task("summary", answer_format="TLDR"), "Summarise the transcript.\nThe form of"),
        (Task("summary", answer_format="TLDR"), "The form of the answer: TLDR"),
        (Task("action-items"), "The form of the answer: Bullet Points"),
    ],
)
def test_the_form_is_told(task: Task, words: str) -> None:
    with writing(lambda _: Reply("Done.")) as (server, write):
        write(task, heard())
    assert words in rules_of(server.asked[0])


def test_questions_are_answered_in_their_order() -> None:
    def reply(asked: dict[str, Any]) -> Reply:
        return Reply("Two million." if "cost" in rules_of(asked) else "I think, YES.")

    questions = (
        Question("What do the repairs cost?", context="in dollars"),
        Question("Is traffic up?", answer_options=("Yes", "No")),
    )
    with writing(reply) as (server, write):
        answered = write(Task("question-answer", questions=questions), heard())
    assert answered.texts == ("Two million.", "Yes")
    assert answered.warnings == ()
    assert {one.question for one in answered.citations} == {0, 1}
    assert answered.citations[0].text == "The repairs cost two million dollars."
    assert any("Context: in dollars" in rules_of(one) for one in server.asked)


@pytest.mark.parametrize(
    ("said", "text", "n_warnings"),
    [
        ("Very high.", "very high", 0),
        ("high+", "high+", 0),
        ("high or low", "high or low", 1),
        ("Maybe.", "Maybe.", 1),
    ],
)
def test_an_answer_that_is_no_option_is_told_of(said: str, text: str, n_warnings: int) -> None:
    question = Question("Traffic?", answer_options=("high", "high+", "very high", "low"))
    task = Task("question-answer", questions=(question,))
    with writing(lambda _: Reply(said)) as (_, write):
        answered = write(task, heard())
    assert (answered.texts[0], len(answered.warnings)) == (text, n_warnings)


def test_of_a_long_talk_notes_are_taken() -> None:
    def reply(asked: dict[str, Any]) -> Reply:
        is_part = "a part of a longer transcript" in rules_of(asked)
        return Reply("A note." if is_part else "The answer.")

    with writing(reply) as (server, write):
        answered = write(Task("summary"), heard(MANY), max_chars=4000)
    assert answered.texts == ("The answer.",)
    assert material_of(server.asked[-1]).startswith("A note.\nA note.")
    assert all(len(material_of(one)) <= 4000 for one in server.asked)
    assert answered.warnings == ()
    assert answered.usage.output_tokens >= len(server.asked)


def test_of_what_is_too_long_the_best_is_read_and_that_is_told() -> None:
    with writing(lambda _: Reply("A note.")) as (server, write):
        answered = write(Task("summary"), heard(MANY), max_chars=500)
    (warning,) = answered.warnings
    assert warning.endswith("of 400 sentences were")
    assert len(server.asked) <= MAX_PARTS + 2


def test_of_a_long_talk_a_question_is_given_the_passages_that_fit_it() -> None:
    text = f"{MANY} The bridge fell in May. {MANY}"
    task = Task("question-answer", questions=(Question("When did the bridge fall?"),))
    with writing(lambda _: Reply("In May.")) as (server, write):
        answered = write(task, heard(text), max_chars=2000)
    (asked,) = server.asked
    assert "The bridge fell in May." in material_of(asked)
    assert len(material_of(asked)) <= 2000
    assert [one.text for one in answered.citations] == ["The bridge fell in May."]
    assert answered.warnings == (ONLY_PASSAGES,)


def test_of_a_text_without_sentences_something_is_read_all_the_same() -> None:
    task = Task("question-answer", questions=(Question("Why?"),))
    with writing(lambda _: Reply("Because.")) as (server, write):
        write(task, Source.of_text("\u6a4b" * 9000), max_chars=100)
    assert material_of(server.asked[0]) == "\u6a4b" * 100


@pytest.mark.parametrize("task", [Task("summary", temperature=0.5), Task("summary")])
def test_a_temperature_that_the_model_does_not_take_is_told(task: Task) -> None:
    with writing(as_openai_answers(Reply("Done."))) as (_, write):
        answered = write(task, heard())
    assert answered.warnings == (() if task.temperature is None else (OWN_TEMPERATURE,))


def test_the_more_is_asked_the_less_is_read_at_a_time() -> None:
    assert chars_at_once(Task("summary"), 8000) == 16_000
    task = Task("task", prompt="w" * 12_000)
    assert 4000 < chars_at_once(task, 8000) < 16_000
    assert chars_at_once(Task("task", prompt="w" * 24_000), 8000) == 0
    questions = (Question("Why?"), Question("Who?", context="w" * 24_000))
    assert chars_at_once(Task("question-answer", questions=questions), 8000) == 0
    assert chars_at_once(Task("question-answer", questions=questions[:1]), 8000) == 16_000


def test_an_answer_that_is_cut_off_says_so() -> None:
    with writing(lambda _: Reply("The", finish_reason="length")) as (_, write):
        assert write(Task("summary"), heard()).warnings == (
            "the answer was cut off at max_output_size",
        )


def test_a_question_that_fails_fails_them_all() -> None:
    questions = (Question("One?"), Question("Two?"))
    with (
        writing(lambda _: Reply(status=401)) as (_, write),
        pytest.raises(LlmUnavailable),
    ):
        write(Task("question-answer", questions=questions), heard())


def test_of_silence_the_model_is_told() -> None:
    with writing(lambda _: Reply("Nothing.")) as (server, write):
        write(Task("summary"), heard(""))
    assert material_of(server.asked[0]) == "(Nothing was said.)"
