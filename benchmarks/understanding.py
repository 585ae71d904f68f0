"""Key phrases, summaries and chapters: Earshot without a language model beside its peers.

Run as `python -m benchmarks.understanding --data ../shared/eval`. With --write the tables go into
docs/reference/benchmarks.md. Settings were fitted on even rows; what is shown is of odd ones. Peers
that are not installed are named and left out.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Any, TypeVar

from benchmarks.report import Table, describe_run, load_average, write_section
from benchmarks.understanding_measures import (
    Counts,
    count_phrases,
    p_k,
    rouge_l,
    rouge_n,
    window_diff,
)
from benchmarks.understanding_peers import (
    Division,
    Phrases,
    Summary,
    divide_nowhere,
    load_sumy_lexrank,
    load_texttiling,
    load_yake,
    take_first,
)
from earshot.transcript.sentences import split_sentences
from earshot.transcript.words import Word
from earshot.understanding.extracts import pick_sentences
from earshot.understanding.key_phrases import find_key_phrases
from earshot.understanding.subjects import divide_by_subject

OURS = "Earshot"
WORD_MS = 300
N_PHRASES = 10
N_OF_DIALOGUE = 3  # sentences: DialogSum's summaries have one or two
N_OF_MEETING = 10  # as AMI's abstracts

Row = dict[str, Any]
Tool = TypeVar("Tool")


def read_rows(data: Path, name: str) -> list[Row]:
    """The odd rows of a file: those on which nothing was fitted."""
    lines = (data / "text" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[1::2]]


def words_of(text: str, speaker: str | None = None, first: int = 0) -> list[Word]:
    return [
        Word(token, WORD_MS * (first + i), WORD_MS * (first + i + 1), 1.0, speaker)
        for i, token in enumerate(text.split())
    ]


def find_with_earshot(text: str) -> list[str]:
    return [one.text for one in find_key_phrases(split_sentences(words_of(text)), N_PHRASES)]


def summarize_with_earshot(sentences: Sequence[str], n_wanted: int) -> str:
    return " ".join(sentences[index] for index in pick_sentences(sentences, n_wanted))


def divide_with_earshot(texts: Sequence[str]) -> list[int]:
    return [stretch.start for stretch in divide_by_subject(texts)[1:]]


def sentences_of_turns(turns: Iterable[tuple[str, str]]) -> list[str]:
    """The sentences of what (speaker, text) said in turn."""
    words: list[Word] = []
    for speaker, text in turns:
        words += words_of(text, speaker, len(words))
    return [sentence.text for sentence in split_sentences(words)]


def with_peers(
    tools: Mapping[str, Tool], loaders: Mapping[str, Callable[[], Tool]]
) -> dict[str, Tool]:
    """The tools, and those of the peers that are installed."""
    found = dict(tools)
    for name, load in loaders.items():
        try:
            found[name] = load()
        except ImportError as error:
            print(f"\n*** {name} is not measured ({error})\n")
    return found


def phrase_table(rows: Sequence[Row], tools: Mapping[str, Phrases]) -> Table:
    lines = []
    for name, find in tools.items():
        counts = Counts(0, 0, 0)
        for row in rows:
            counts += count_phrases(find(row["text"]), row["keyphrases"], N_PHRASES)
        precision = counts.n_right / max(1, counts.n_found)
        recall = counts.n_right / max(1, counts.n_wanted)
        figures = (precision, recall, counts.f1)
        lines.append((name, str(len(rows)), *(f"{100 * one:.1f}" for one in figures)))
    columns = ("Program", "texts", "precision %", "recall %", "F1 %")
    note = "Paragraphs of scientific papers; a phrase is right if all its words are, in any form."
    return Table(f"Key phrases, the first {N_PHRASES} (SemEval 2017)", columns, lines, note)


def summary_table(
    title: str,
    cases: Sequence[tuple[Sequence[str], Sequence[str]]],
    tools: Mapping[str, Summary],
    n_wanted: int,
) -> Table:
    """`cases` are sentences, and the summaries that people wrote of them."""
    lines = []
    for name, summarize in tools.items():
        made = [(summarize(sentences, n_wanted), references) for sentences, references in cases]
        figures = [
            mean(mean(measure(summary, one) for one in references) for summary, references in made)
            for measure in (_rouge_1, _rouge_2, rouge_l)
        ]
        lines.append((name, str(len(cases)), *(f"{100 * one:.1f}" for one in figures)))
    columns = ("Program", "talks", "ROUGE-1", "ROUGE-2", "ROUGE-L")
    return Table(title, columns, lines, f"Each takes {n_wanted} sentences; F1, in per cent.")


def _rouge_1(summary: str, reference: str) -> float:
    return rouge_n(summary, reference, 1)


def _rouge_2(summary: str, reference: str) -> float:
    return rouge_n(summary, reference, 2)


def division_table(
    title: str, cases: Sequence[tuple[Sequence[str], Sequence[int]]], tools: Mapping[str, Division]
) -> Table:
    """`cases` are texts, and the indexes at which another subject begins."""
    lines = []
    for name, divide in tools.items():
        found = [(len(texts), wanted, divide(texts)) for texts, wanted in cases]
        figures = [mean(measure(*one) for one in found) for measure in (p_k, window_diff)]
        n_stretches = mean(len(bounds) + 1 for *_, bounds in found)
        shares = (f"{100 * one:.1f}" for one in figures)
        lines.append((name, str(len(cases)), f"{n_stretches:.1f}", *shares))
    n_true = mean(len(wanted) + 1 for _, wanted in cases)
    columns = ("Program", "talks", "stretches", "P_k %", "WindowDiff %")
    note = f"Errors: less is better. People made {n_true:.1f} stretches of a talk."
    return Table(title, columns, lines, note)


def dialogue_cases(rows: Sequence[Row]) -> list[tuple[list[str], list[str]]]:
    cases = []
    for row in rows:
        turns = (line.partition(":") for line in row["dialogue"].split("\n"))
        sentences = sentences_of_turns((speaker, text) for speaker, _, text in turns)
        cases.append((sentences, row["summaries"]))
    return cases


def meeting_cases(rows: Sequence[Row]) -> list[tuple[list[str], list[str]]]:
    return [
        (
            sentences_of_turns((one["speaker"], one["text"]) for one in row["utterances"]),
            [" ".join(row["summary"]["abstract"])],
        )
        for row in rows
    ]


def dialogue_bounds(rows: Sequence[Row]) -> list[tuple[list[str], list[int]]]:
    cases = []
    for row in rows:
        ends = [sum(row["segments"][:n]) for n in range(1, len(row["segments"]))]
        cases.append((row["utterances"], ends))
    return cases


def meeting_bounds(rows: Sequence[Row]) -> list[tuple[list[str], list[int]]]:
    cases = []
    for row in rows:
        starts_s = [one["start"] for one in row["utterances"]]
        firsts = {
            sum(start_s < topic["start"] - 0.01 for start_s in starts_s)
            for topic in row["topics"][1:]
        }
        bounds = sorted(first for first in firsts if 0 < first < len(starts_s))
        cases.append(([one["text"] for one in row["utterances"]], bounds))
    return cases


def measure(data: Path) -> list[Table]:
    finders: dict[str, Phrases] = {OURS: find_with_earshot}
    phrases = with_peers(finders, {"YAKE": load_yake})
    first: dict[str, Summary] = {OURS: summarize_with_earshot, "first sentences": take_first}
    summaries = with_peers(first, {"sumy, LexRank": load_sumy_lexrank})
    alone: dict[str, Division] = {OURS: divide_with_earshot, "not divided": divide_nowhere}
    tilings: dict[str, Callable[[], Division]] = {
        "NLTK, TextTiling": load_texttiling,
        "NLTK, TextTiling, w=10, k=5": partial(load_texttiling, w=10, k=5),
    }
    divisions = with_peers(alone, tilings)
    dialogues = read_rows(data, "summary/dialogsum_test")
    meetings = read_rows(data, "meeting/ami_topics_summaries")
    joined = read_rows(data, "chapters/dialseg_711")
    return [
        phrase_table(read_rows(data, "keyphrases/SemEval2017"), phrases),
        summary_table(
            "Summaries of dialogues (DialogSum)",
            dialogue_cases(dialogues),
            summaries,
            N_OF_DIALOGUE,
        ),
        summary_table(
            "Summaries of meetings (AMI)", meeting_cases(meetings), summaries, N_OF_MEETING
        ),
        division_table("Chapters of dialogues (DialSeg 711)", dialogue_bounds(joined), divisions),
        division_table("Chapters of meetings (AMI)", meeting_bounds(meetings), divisions),
    ]


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.understanding", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with text/*/*.jsonl")
    parser.add_argument("--write", action="store_true", help="put the tables into the docs")
    options = parser.parse_args(arguments)
    if not any((options.data / "text").glob("*/*.jsonl")):
        parser.error(f"{options.data} has no text/*/*.jsonl")
    return options


def main() -> None:
    options = parse_arguments()
    load_before = load_average()
    tables = measure(options.data)
    run = describe_run(["benchmarks.understanding", *sys.argv[1:]], load_before)
    content = "\n".join([run, "", *(table.render() for table in tables)])
    print(content)
    if options.write:
        write_section("understanding", content)


if __name__ == "__main__":
    main()
