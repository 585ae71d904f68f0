"""Answers without a language model: what was said, and where, and nothing that was not."""

from collections.abc import Sequence
from itertools import accumulate

from earshot.llm.usage import tokens_of_chars
from earshot.transcript.sentences import Sentence
from earshot.transcript.times import read_time
from earshot.understanding.answering.passages import Passage, Passages
from earshot.understanding.answering.task import (
    EXTRACTIVE,
    Answered,
    Citation,
    Source,
    Task,
)
from earshot.understanding.answering.things_to_do import find_things_to_do
from earshot.understanding.extracts import pick_sentences, tidy

NEEDS_MODEL = "that needs a language model, and none is set up on this server for your project"
NOT_CARRIED_OUT = (
    "No language model is set up on this server for your project: this request was not carried out."
)
NO_PASSAGE = "No passage was found that shares words with this question."
NOTHING_TO_DO = "No sentence was found by whose words something is to be done."
NOTHING_SAID = "There are no words in it."

MAX_PASSAGES = 3
MAX_TASK_PASSAGES = 5
MAX_THINGS_TO_DO = 50
MAX_SUMMARY_SENTENCES = 7
SENTENCES_PER_EXTRACT = 15
# Longer texts are summarised by their best sentences within stretches of that many.
MAX_COMPARED = 5_000


def extract_answer(task: Task, sources: Sequence[Source]) -> Answered:
    """What the sources themselves say to the task; no tokens are used."""
    if task.kind == "question-answer":
        return _answer_questions(task, sources)
    if task.kind == "summary":
        return _summarise(task, sources)
    if task.kind == "action-items":
        return _list_things_to_do(task, sources)
    return _quote_for_task(task, sources)


def _answer_questions(task: Task, sources: Sequence[Source]) -> Answered:
    texts: list[str] = []
    citations: list[Citation] = []
    warnings = _not_followed(context=task.context)
    found = Passages(sources)
    for index, question in enumerate(task.questions):
        name = f"questions[{index}]"
        passages = found.find(question.text, MAX_PASSAGES)
        quoted = [_quoted(one, n_sources=len(sources)) for one in passages]
        n_kept, cut = _within(quoted, task)
        texts.append(" ".join(quoted[:n_kept]) or NO_PASSAGE)
        citations += [passage.citation(index) for passage in passages[:n_kept]]
        options = " ".join(question.answer_options)
        told = _not_followed(
            context=question.context, answer_format=question.answer_format, answer_options=options
        )
        warnings += [f"{name}.{one}" for one in told] + [f"{name}: {one}" for one in cut]
    return Answered(tuple(texts), EXTRACTIVE, citations=tuple(citations), warnings=tuple(warnings))


def _quoted(passage: Passage, *, n_sources: int) -> str:
    where = "the text says"
    if passage.source.transcript_id is not None:
        where = f"at {read_time(passage.start_ms)}"
    if n_sources > 1:
        where = f"transcript {passage.place + 1} {where}"
    return f'{where.capitalize()}: "{passage.text}"'


def _summarise(task: Task, sources: Sequence[Source]) -> Answered:
    found = [
        (source, sentence)
        for source in sources
        for sentence in _best_sentences(source.sentences, len(sources))
    ]
    lines = [tidy(sentence.text) for _, sentence in found]
    n_kept, cut = _within(lines, task)
    is_bulleted = _asks_for_bullets(task)
    kept = lines[:n_kept]
    text = "\n".join(f"- {line}" for line in kept) if is_bulleted else " ".join(kept)
    answer_format = None if is_bulleted else task.answer_format
    return Answered(
        (text or NOTHING_SAID,),
        EXTRACTIVE,
        citations=tuple(_citation(source, sentence) for source, sentence in found[:n_kept]),
        warnings=(*_not_followed(context=task.context, answer_format=answer_format), *cut),
    )


def _best_sentences(sentences: Sequence[Sentence], n_sources: int) -> list[Sentence]:
    n_wanted = min(MAX_SUMMARY_SENTENCES, 2 + len(sentences) // SENTENCES_PER_EXTRACT)
    n_wanted = max(1, n_wanted // n_sources)
    compared = sentences[:: -(-len(sentences) // MAX_COMPARED) or 1]
    texts = [one.text for one in compared]
    return [compared[index] for index in pick_sentences(texts, n_wanted)]


def _list_things_to_do(task: Task, sources: Sequence[Source]) -> Answered:
    found = [
        (place, sentence)
        for place, source in enumerate(sources)
        for sentence in find_things_to_do(source.sentences)
    ]
    shown = found[:MAX_THINGS_TO_DO]
    lines = [f"- {_timed(sources, place, tidy(one.text), one)}" for place, one in shown]
    n_kept, cut = _within(lines, task)
    answer_format = None if _asks_for_bullets(task) else task.answer_format
    warnings = _not_followed(context=task.context, answer_format=answer_format)
    if n_kept == len(shown) < len(found):
        warnings.append(f"the first {len(shown)} of {len(found)} sentences are listed")
    return Answered(
        ("\n".join(lines[:n_kept]) or NOTHING_TO_DO,),
        EXTRACTIVE,
        citations=tuple(_citation(sources[place], one) for place, one in shown[:n_kept]),
        warnings=(*warnings, *cut),
    )


def _quote_for_task(task: Task, sources: Sequence[Source]) -> Answered:
    """That the prompt was not followed, and the passages that share words with it."""
    passages = Passages(sources).find(task.wording, MAX_TASK_PASSAGES)
    warnings = _not_followed(prompt=task.prompt)
    if not passages:
        return Answered((NOT_CARRIED_OUT,), EXTRACTIVE, warnings=tuple(warnings))
    lines = [f"- {_timed(sources, one.place, one.text, one.sentences[0])}" for one in passages]
    n_kept, cut = _within(lines, task)
    text = "\n".join([f"{NOT_CARRIED_OUT} What shares most words with it:", *lines[:n_kept]])
    citations = tuple(one.citation() for one in passages[:n_kept])
    return Answered((text,), EXTRACTIVE, citations=citations, warnings=(*warnings, *cut))


def _within(pieces: Sequence[str], task: Task) -> tuple[int, tuple[str, ...]]:
    """How many of them `max_output_size` has room for, one at least; and what is to be told."""
    ends = list(accumulate(len(one) + 1 for one in pieces))
    n_fitting = sum(tokens_of_chars(end) <= task.max_output_tokens for end in ends)
    if n_fitting == len(pieces):
        return n_fitting, ()
    if not n_fitting:
        return 1, ("max_output_size was not followed: what is quoted is quoted whole",)
    return n_fitting, (f"max_output_size leaves room for {n_fitting} of {len(pieces)} quotations",)


def _not_followed(**given: str | None) -> list[str]:
    return [f"{name} was not followed: {NEEDS_MODEL}" for name, value in given.items() if value]


def _asks_for_bullets(task: Task) -> bool:
    return "bullet" in (task.answer_format or "").lower()


def _timed(sources: Sequence[Source], place: int, text: str, sentence: Sentence) -> str:
    """With the time; and with the number of the transcript, where there are several."""
    if sources[place].transcript_id is None:
        return text
    which = f"transcript {place + 1}, " if len(sources) > 1 else ""
    return f"[{which}{read_time(sentence.start_ms)}] {text}"


def _citation(source: Source, sentence: Sentence) -> Citation:
    return Citation(sentence.text, sentence.start_ms, sentence.end_ms, source.transcript_id)
