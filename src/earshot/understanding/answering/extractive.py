"""Answers without a language model: what was said, and where, and nothing that was not."""

from collections.abc import Sequence

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
    warnings: list[str] = []
    found = Passages(sources)
    for index, question in enumerate(task.questions):
        passages = found.find(question.text, MAX_PASSAGES)
        texts.append(_quoted(passages, n_sources=len(sources)) or NO_PASSAGE)
        citations += [passage.citation(index) for passage in passages]
        name = "answer_options" if question.answer_options else "answer_format"
        if question.answer_options or question.answer_format:
            warnings.append(f"questions[{index}].{name} was not followed: {NEEDS_MODEL}")
    return Answered(tuple(texts), EXTRACTIVE, citations=tuple(citations), warnings=tuple(warnings))


def _quoted(passages: Sequence[Passage], *, n_sources: int) -> str:
    return " ".join(
        f'{_where(one, n_sources=n_sources).capitalize()}: "{one.text}"' for one in passages
    )


def _where(passage: Passage, *, n_sources: int) -> str:
    if passage.source.transcript_id is None:
        return "the text says"
    which = f"transcript {passage.place + 1} " if n_sources > 1 else ""
    return f"{which}at {read_time(passage.start_ms)}"


def _summarise(task: Task, sources: Sequence[Source]) -> Answered:
    found = [
        (sources[place], sentence)
        for place, source in enumerate(sources)
        for sentence in _best_sentences(source.sentences, len(sources))
    ]
    lines = [tidy(sentence.text) for _, sentence in found]
    is_bulleted = "bullet" in (task.answer_format or "").lower()
    text = "\n".join(f"- {line}" for line in lines) if is_bulleted else " ".join(lines)
    ignored = [
        name
        for name, value in (("context", task.context), ("answer_format", task.answer_format))
        if value and not (name == "answer_format" and is_bulleted)
    ]
    return Answered(
        (text or NOTHING_SAID,),
        EXTRACTIVE,
        citations=tuple(_citation(source, sentence) for source, sentence in found),
        warnings=tuple(f"{name} was not followed: {NEEDS_MODEL}" for name in ignored),
    )


def _best_sentences(sentences: Sequence[Sentence], n_sources: int) -> list[Sentence]:
    n_wanted = min(MAX_SUMMARY_SENTENCES, 2 + len(sentences) // SENTENCES_PER_EXTRACT)
    n_wanted = max(1, n_wanted // n_sources)
    compared = sentences[:: -(-len(sentences) // MAX_COMPARED) or 1]
    texts = [one.text for one in compared]
    return [compared[index] for index in pick_sentences(texts, n_wanted)]


def _list_things_to_do(task: Task, sources: Sequence[Source]) -> Answered:
    found = [
        (source, sentence) for source in sources for sentence in find_things_to_do(source.sentences)
    ]
    kept = found[:MAX_THINGS_TO_DO]
    text = "\n".join(f"- {_timed(source, tidy(one.text), one)}" for source, one in kept)
    warnings = [
        f"{name} was not followed: {NEEDS_MODEL}"
        for name, value in (("context", task.context), ("answer_format", task.answer_format))
        if value and not (name == "answer_format" and "bullet" in value.lower())
    ]
    if len(found) > len(kept):
        warnings.append(f"the first {len(kept)} of {len(found)} sentences are listed")
    return Answered(
        (text or NOTHING_TO_DO,),
        EXTRACTIVE,
        citations=tuple(_citation(source, one) for source, one in kept),
        warnings=tuple(warnings),
    )


def _quote_for_task(task: Task, sources: Sequence[Source]) -> Answered:
    """That the prompt was not followed, and the passages that share words with it."""
    passages = Passages(sources).find(task.wording, MAX_TASK_PASSAGES)
    warnings = (f"prompt was not followed: {NEEDS_MODEL}",)
    if not passages:
        return Answered((NOT_CARRIED_OUT,), EXTRACTIVE, warnings=warnings)
    lines = [f"- {_timed(one.source, one.text, one.sentences[0])}" for one in passages]
    text = "\n".join([f"{NOT_CARRIED_OUT} What shares most words with it:", *lines])
    citations = tuple(one.citation() for one in passages)
    return Answered((text,), EXTRACTIVE, citations=citations, warnings=warnings)


def _timed(source: Source, text: str, sentence: Sentence) -> str:
    if source.transcript_id is None:
        return text
    return f"[{read_time(sentence.start_ms)}] {text}"


def _citation(source: Source, sentence: Sentence) -> Citation:
    return Citation(sentence.text, sentence.start_ms, sentence.end_ms, source.transcript_id)
