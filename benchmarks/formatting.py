"""Spoken forms written out, class by class: Earshot beside the libraries that do it, in one run.

Run as `python -m benchmarks.formatting --data ../shared/eval`. With --write the tables go into
docs/reference/benchmarks.md. `FOLDER/text/itn/*.jsonl` holds a `category`, a `spoken` and a
`written` form a line. Peers that are not installed are named and left out.
"""

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from benchmarks.report import Table, describe_run, load_average, write_section
from earshot.formatting.formatter import format_words
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.words import Word, join_words

OURS = "Earshot"
OPTIONS = TranscriptOptions(disfluencies=True)  # "ah" is among the rows
SENTENCE = "{}, I think."
_COMPOUND = re.compile(
    "(twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety) "
    "(one|two|three|four|five|six|seven|eight|nine|first|second|third|[a-z]+th)\\b",
    re.IGNORECASE,
)
WORD_MS = 300

Writer = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Case:
    """One line: settings are tuned on even rows; `is_twin` of one of these, but for its case."""

    row: int
    category: str
    spoken: str
    written: str
    is_twin: bool = False


def read_cases(data: Path) -> list[Case]:
    lines = [
        json.loads(line)
        for path in sorted((data / "text" / "itn").glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    tuned = {line["spoken"].lower() for line in lines[::2]}
    return [
        Case(i, line["category"], line["spoken"], line["written"], line["spoken"].lower() in tuned)
        for i, line in enumerate(lines)
    ]


def write_with_earshot(text: str) -> str:
    words = [
        Word(token, i * WORD_MS, (i + 1) * WORD_MS, 1.0) for i, token in enumerate(text.split())
    ]
    return join_words(format_words(words, OPTIONS))


def load_wetext() -> Writer:
    normalizer = import_module("wetext").Normalizer(lang="en", operator="itn")
    return lambda text: str(normalizer.normalize(text))


def load_text2num() -> Writer:
    alpha2digit = import_module("text_to_num").alpha2digit
    return lambda text: str(alpha2digit(text, "en"))


def load_nemo() -> Writer:
    package = "nemo_text_processing.inverse_text_normalization.inverse_normalize"
    normalizer = import_module(package).InverseNormalizer(lang="en", input_case="cased")
    return lambda text: str(normalizer.inverse_normalize(text, verbose=False))


PEERS: Mapping[str, Callable[[], Writer]] = {
    "wetext": load_wetext,
    "text2num": load_text2num,
    "nemo_text_processing": load_nemo,
}


def load_writers() -> dict[str, Writer]:
    """Ours, and the peers that are installed."""
    writers: dict[str, Writer] = {OURS: write_with_earshot}
    for name, load in PEERS.items():
        try:
            writers[name] = load()
        except ImportError as error:
            print(f"\n*** {name} is not measured: pip install {name} ({error})\n")
    return writers


def is_exact(case: Case, written: str) -> bool:
    """Whether every character is right; runs of blanks count as one."""
    return written.split() == case.written.split()


def count_figures(case: Case, sentence: str) -> tuple[bool, bool]:
    """Whether the numbers are right, and whether they are wrong; neither where they stay words.

    Units, commas between thousands and leading zeros make no difference.
    """
    found = figures_of(sentence)
    is_right = found == figures_of(case.written)
    return is_right, bool(found) and not is_right


def figures_of(text: str) -> list[int]:
    return [
        int(figure) for figure in re.findall("[0-9]+", re.sub("(?<=[0-9]),(?=[0-9])", "", text))
    ]


def accuracy_table(title: str, cases: Sequence[Case], right: Mapping[str, Sequence[bool]]) -> Table:
    """The share of right rows by class; odd rows, and those of them unlike any even row."""
    everything = range(len(cases))
    categories = sorted({case.category for case in cases})
    groups = [(c, [i for i in everything if cases[i].category == c]) for c in categories]
    odd = [i for i in everything if cases[i].row % 2]
    groups += [
        ("all", list(everything)),
        ("all, odd rows", odd),
        ("all, odd rows without a twin", [i for i in odd if not cases[i].is_twin]),
    ]
    rows = [
        (name, str(len(chosen)), *(_percent([hits[i] for i in chosen]) for hits in right.values()))
        for name, chosen in groups
        if chosen
    ]
    return Table(title, ("Class", "rows", *(f"{name} %" for name in right)), rows)


def _percent(hits: Sequence[bool]) -> str:
    return f"{100 * sum(hits) / len(hits):.1f}"


def measure(cases: Sequence[Case], writers: Mapping[str, Writer]) -> tuple[list[Table], str]:
    """The tables of one run, and our own misses, which are not for the docs."""
    alone: dict[str, list[bool]] = {}
    right: dict[str, list[bool]] = {}
    wrong: dict[str, list[bool]] = {}
    speeds: list[tuple[str, ...]] = []
    spoken = [case for case in cases if figures_of(case.written)]
    n_words = sum(len(case.spoken.split()) for case in cases)
    for name, write in writers.items():
        started_s = time.process_time()
        written = [write(case.spoken) for case in cases]
        speeds.append((name, f"{n_words / (time.process_time() - started_s):,.0f}"))
        alone[name] = [is_exact(*pair) for pair in zip(cases, written, strict=True)]
        figures = [count_figures(case, write(sentence_of(case))) for case in spoken]
        right[f"{name} right"] = [is_right for is_right, _ in figures]
        wrong[f"{name} wrong"] = [is_wrong for _, is_wrong in figures]
    tables = [
        accuracy_table("Written as expected", cases, alone),
        accuracy_table("Figures in a sentence", spoken, right | wrong),
        Table("Speed of formatting", ("Formatter", "words per processor second"), speeds),
    ]
    return tables, render_misses(cases, alone[OURS], writers[OURS])


def sentence_of(case: Case) -> str:
    """The spoken form as recognizers write it: a capital, hyphens and marks."""
    text = _COMPOUND.sub(r"\1-\2", case.spoken)
    return SENTENCE.format(text[:1].upper() + text[1:])


def render_misses(cases: Sequence[Case], right: Sequence[bool], write: Writer) -> str:
    lines = [
        f"{case.category}: {case.spoken!r} -> {write(case.spoken)!r}, not {case.written!r}"
        for case, is_right in zip(cases, right, strict=True)
        if not is_right
    ]
    return "\n".join(["Earshot's misses:", *lines])


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.formatting", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with text/itn/*.jsonl")
    parser.add_argument("--write", action="store_true", help="put the tables into the docs")
    options = parser.parse_args(arguments)
    if not any((options.data / "text" / "itn").glob("*.jsonl")):
        parser.error(f"{options.data} has no text/itn/*.jsonl")
    return options


def main() -> None:
    options = parse_arguments()
    load_before = load_average()
    tables, misses = measure(read_cases(options.data), load_writers())
    run = describe_run(["benchmarks.formatting", *sys.argv[1:]], load_before)
    content = "\n".join([run, "", *(table.render() for table in tables)])
    print(f"{content}\n{misses}")
    if options.write:
        write_section("formatting", content)


if __name__ == "__main__":
    main()
