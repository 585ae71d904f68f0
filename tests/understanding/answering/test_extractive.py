from earshot.llm.client import Usage
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


def test_silence_has_an_answer() -> None:
    for task in (Task("summary"), Task("action-items"), Task("task", prompt="Why?")):
        assert extract_answer(task, [heard("")]).citations == ()
    assert extract_answer(Task("summary"), [heard("")]).texts == (NOTHING_SAID,)
