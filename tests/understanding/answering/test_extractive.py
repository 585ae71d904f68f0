from dataclasses import replace

import pytest

from earshot.llm.usage import Usage, estimate_tokens
from earshot.understanding.answering.extractive import (
    NO_PASSAGE,
    NOT_CARRIED_OUT,
    NOTHING_SAID,
    NOTHING_TO_DO,
    extract_answer,
)
from earshot.understanding.answering.task import Question, Source, Task
from tests.understanding.answering.asked import MEETING, heard


def asking(*questions: Question) -> Task:
    return Task("question-answer", questions=questions)


def test_a_question_is_answered_by_a_quotation_with_its_time() -> None:
    answered = extract_answer(asking(Question("What do the repairs cost?")), [heard()])
    assert answered.texts == ('At 00:02: "The repairs cost two million dollars."',)
    assert answered.method == "extractive"
    assert answered.usage == Usage(0, 0)
    assert [(one.text, one.question) for one in answered.citations] == [
        ("The repairs cost two million dollars.", 0)
    ]


def test_of_what_was_not_said_nothing_is_said() -> None:
    question = Question("Who sang the opera?", answer_options=("Yes", "No"))
    answered = extract_answer(asking(question), [heard()])
    assert answered.texts == (NO_PASSAGE,)
    assert answered.citations == ()
    (warning,) = answered.warnings
    assert warning.startswith("questions[0].answer_options was not followed: ")


def test_several_transcripts_are_told_apart() -> None:
    sources = [heard("The harbour is old."), heard("The harbour is new.", "u")]
    (text,) = extract_answer(asking(Question("harbour?")), sources).texts
    assert (
        text == 'Transcript 1 at 00:00: "The harbour is old." '
        'Transcript 2 at 00:00: "The harbour is new."'
    )


def test_a_text_has_no_times() -> None:
    source = Source.of_text("The harbour is old. Rain.")
    (text,) = extract_answer(asking(Question("harbour?")), [source]).texts
    assert text == 'The text says: "The harbour is old."'


def test_a_summary_is_made_of_sentences_that_were_said() -> None:
    answered = extract_answer(Task("summary", context="A council"), [heard()])
    (text,) = answered.texts
    assert text
    assert all(one.text in MEETING for one in answered.citations)
    assert [one.partition(" ")[0] for one in answered.warnings] == ["context"]


def test_a_summary_in_bullets_is_one() -> None:
    answered = extract_answer(Task("summary", answer_format="Bullet points"), [heard()])
    assert all(line.startswith("- ") for line in answered.texts[0].splitlines())
    assert answered.warnings == ()


def test_things_to_do_are_listed_with_their_times() -> None:
    (text,) = extract_answer(Task("action-items"), [heard()]).texts
    assert text.splitlines()[0] == "- [00:04] Anna, can you send the report by Friday?"
    assert extract_answer(Task("action-items"), [heard("It rained.")]).texts == (NOTHING_TO_DO,)


def test_a_task_is_said_not_to_be_carried_out() -> None:
    answered = extract_answer(Task("task", prompt="Write a poem about traffic"), [heard()])
    (text,) = answered.texts
    assert text.startswith(NOT_CARRIED_OUT)
    assert "] Traffic over the bridge has doubled since last year." in text
    assert extract_answer(Task("task", prompt="Sing"), [heard()]).texts == (NOT_CARRIED_OUT,)


def test_what_is_not_followed_is_told() -> None:
    question = Question("bridge?", context="In May", answer_format="One word")
    answered = extract_answer(
        Task("question-answer", context="A council", questions=(question,)), [heard()]
    )
    names = [one.partition(" was not followed")[0] for one in answered.warnings]
    assert names == ["context", "questions[0].context", "questions[0].answer_format"]


def test_several_transcripts_are_told_apart_in_lists() -> None:
    sources = [heard(), heard("Please send the bridge report.", "u")]
    (text,) = extract_answer(Task("action-items"), sources).texts
    assert "- [transcript 1, 00:04] Anna, can you send" in text
    assert "- [transcript 2, 00:00] Please send the bridge report." in text
    (text,) = extract_answer(Task("task", prompt="The bridge report"), sources).texts
    assert "- [transcript 2, 00:00] Please send the bridge report." in text


@pytest.mark.parametrize(
    "task",
    [
        Task("summary", max_output_tokens=30),
        Task("action-items", max_output_tokens=30),
        Task("task", prompt="The bridge, the lane and the engineers", max_output_tokens=30),
        Task("question-answer", questions=(Question("bridge?"),), max_output_tokens=30),
    ],
)
def test_no_more_is_quoted_than_there_is_room_for(task: Task) -> None:
    sources = [heard() for _ in range(8)]
    whole = extract_answer(replace(task, max_output_tokens=4000), sources)
    assert whole.warnings == extract_answer(task, [heard("")]).warnings
    cut = extract_answer(task, sources)
    assert 0 < len(cut.citations) < len(whole.citations)
    quoted = "".join(one.text for one in cut.citations)
    assert estimate_tokens(quoted) <= 30
    assert f"room for {len(cut.citations)} of" in cut.warnings[-1]


def test_one_quotation_is_given_whole() -> None:
    answered = extract_answer(Task("summary", max_output_tokens=1), [heard()])
    assert len(answered.citations) == 1
    assert answered.warnings == (
        "max_output_size was not followed: what is quoted is quoted whole",
    )


def test_silence_has_an_answer() -> None:
    for task in (Task("summary"), Task("action-items"), Task("task", prompt="Why?")):
        assert extract_answer(task, [heard("")]).citations == ()
    assert extract_answer(Task("summary"), [heard("")]).texts == (NOTHING_SAID,)
