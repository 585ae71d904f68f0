"""Topics and sensitive content: Earshot beside other ways, on texts that nothing was fitted on.

Run as `python -m benchmarks.topics --data ../shared/eval`. With --write the tables go into
docs/reference/benchmarks.md. Own passages have the author of the topics' descriptions and of the
sentences trained on; dialogues, tweets and comments have not.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import Table, describe_run, load_average, write_section
from benchmarks.train_topics import TopicCase, read_dialogue_cases, require_encoder
from earshot.transcript.options import UnderstandingOptions
from earshot.transcript.words import Word
from earshot.understanding.encoder import TextEncoder, Vectors
from earshot.understanding.feature import Feature, FinishedTranscript
from earshot.understanding.features.content_safety import SafetyFeature
from earshot.understanding.safety_labels import LABELS
from earshot.understanding.safety_words import swear_words_of
from earshot.understanding.topic_head import load_topic_head
from earshot.understanding.topic_labels import load_topic_labels, plain_words

WORD_MS = 300
TOPIC_PASSAGES = Path(__file__).with_name("topic_passages.tsv")
SAFETY_PASSAGES = Path(__file__).with_name("safety_passages.tsv")
ABUSE = frozenset({"hate_speech", "profanity", "nsfw", "pornography"})
HARMLESS = "-"

Flags = Callable[[str], frozenset[str]]


def saying(text: str) -> FinishedTranscript:
    words = [
        Word(token, WORD_MS * i, WORD_MS * (i + 1), 0.9) for i, token in enumerate(text.split())
    ]
    return FinishedTranscript(tuple(words), "en_us")


def topic_cases() -> list[TopicCase]:
    lines = TOPIC_PASSAGES.read_text(encoding="utf-8").splitlines()
    return [TopicCase(text, (label,)) for label, text in (line.split("\t") for line in lines)]


def topic_table(title: str, cases: Sequence[TopicCase], encoder: TextEncoder) -> Table:
    head = load_topic_head()
    labels = [label.label for label in load_topic_labels()]
    texts = [case.text for case in cases]
    names = [" ".join(map(plain_words, label.split(">"))) for label in labels]
    read = encoder.encode(texts)
    ways: dict[str, Vectors] = {
        "Earshot": head.relevances(texts, read),
        "Earshot, without the encoder": head.relevances(texts, None),
        "MiniLM, nearest name of a label": read @ encoder.encode(names).T,
    }
    lines = []
    for name, found in ways.items():
        order = np.argsort(-found, axis=1, kind="stable")[:, :10]
        hits = np.array(
            [
                [case.is_right(labels[index]) for index in row]
                for case, row in zip(cases, order, strict=True)
            ]
        )
        shares = [hits[:, :n].any(axis=1).mean() for n in (1, 3, 10)]
        lines.append((name, str(len(cases)), *(f"{100 * share:.1f}" for share in shares)))
    return Table(title, ("Way", "texts", "top 1 %", "top 3 %", "top 10 %"), lines, "")


def flags_with(feature: Feature) -> Flags:
    options = UnderstandingOptions(safety_threshold=0.5)

    def flags(text: str) -> frozenset[str]:
        safety = feature.find(saying(text), options).safety
        return frozenset(safety.confidences) if safety is not None else frozenset()

    return flags


def flag_swearing(text: str) -> frozenset[str]:
    found = swear_words_of(text)
    flags = {"profanity"} if found else set()
    return frozenset(flags | ({"hate_speech"} if any(one.is_slur for one in found) else set()))


def flags_by_names(encoder: TextEncoder, bound: float) -> Flags:
    """What zero-shot MiniLM flags: labels whose plain names are near."""
    names = encoder.encode([label.replace("_", " ") for label in LABELS])

    def flags(text: str) -> frozenset[str]:
        near = (encoder.encode([text]) @ names.T)[0]
        return frozenset(label for label, one in zip(LABELS, near, strict=True) if one >= bound)

    return flags


def figures(truth: Iterable[bool], guess: Iterable[bool]) -> tuple[float, float, float]:
    """Precision, recall and F1."""
    pairs = list(zip(truth, guess, strict=True))
    n_right = sum(is_there and found for is_there, found in pairs)
    n_there, n_found = sum(one for one, _ in pairs), sum(one for _, one in pairs)
    return (
        n_right / max(1, n_found),
        n_right / max(1, n_there),
        2 * n_right / max(1, n_there + n_found),
    )


def passage_rows() -> list[tuple[frozenset[str], frozenset[str], str]]:
    """What is in each passage, what may be told of it or not, and its text."""
    rows = []
    for line in SAFETY_PASSAGES.read_text(encoding="utf-8").splitlines():
        marks, _, text = line.partition("\t")
        labels = marks.split(",")
        sure = frozenset(one for one in labels if not one.startswith("~")) - {HARMLESS}
        rows.append((sure, frozenset(one[1:] for one in labels if one.startswith("~")), text))
    return rows


def passage_tables(ways: dict[str, Flags]) -> list[Table]:
    rows = passage_rows()
    by_label: dict[str, list[tuple[float, float, float]]] = {}
    harmless = {}
    for name, flags in ways.items():
        found = [flags(text) for _, _, text in rows]
        by_label[name] = [
            figures(
                [label in sure for (sure, may, _) in rows if label not in may],
                [
                    label in flagged
                    for (_, may, _), flagged in zip(rows, found, strict=True)
                    if label not in may
                ],
            )
            for label in LABELS
        ]
        safe = [
            bool(flagged) for (sure, _, _), flagged in zip(rows, found, strict=True) if not sure
        ]
        harmless[name] = f"{sum(safe)} of {len(safe)}"
    means = [
        (
            name,
            *(f"{100 * np.mean([one[k] for one in some]):.1f}" for k in range(3)),
            harmless[name],
        )
        for name, some in by_label.items()
    ]
    ours = [
        (label, *(f"{100 * share:.0f}" for share in one))
        for label, one in zip(LABELS, by_label["Earshot"], strict=True)
    ]
    columns = ("precision %", "recall %", "F1 %")
    return [
        Table(
            "Sensitive content, 190 own passages and 40 harmless ones: means over 19 labels",
            ("Way", *columns, "harmless ones flagged"),
            means,
            "",
        ),
        Table("The same by label, Earshot", ("Label", *columns), ours, ""),
    ]


def moderation_table(data: Path, ways: dict[str, Flags]) -> Table:
    folder = data / "text" / "moderation"
    tweets = read_lines(folder / "davidson_hate4000.jsonl")[1::2]
    comments = read_lines(folder / "surge_toxicity.jsonl")
    tasks: list[tuple[str, list[dict[str, Any]], Callable[[str], bool], frozenset[str]]] = [
        ("tweets: offensive or hate", tweets, lambda label: label != "neither", ABUSE),
        ("tweets: hate", tweets, lambda label: label == "hate", frozenset({"hate_speech"})),
        ("comments: toxic", comments, lambda label: label == "Toxic", ABUSE),
    ]
    lines = []
    for task, rows, is_there, labels in tasks:
        for name, flags in ways.items():
            truth = [is_there(row["label"]) for row in rows]
            found = figures(truth, [bool(flags(row["text"]) & labels) for row in rows])
            lines.append((task, name, str(len(rows)), *(f"{100 * one:.1f}" for one in found)))
    columns = ("Task", "Way", "texts", "precision %", "recall %", "F1 %")
    note = "Odd rows of Davidson's tweets; Surge AI's comments, of which none was trained on."
    return Table("Abuse", columns, lines, note)


def meeting_line(data: Path, flags: Flags) -> str:
    """How much of meetings in which nothing is sensitive is flagged all the same."""
    path = data / "text" / "meeting" / "ami_topics_summaries.jsonl"
    n_sections, n_flagged = 0, 0
    for row in read_lines(path)[1::2]:
        words = " ".join(one["text"] for one in row["utterances"]).split()
        for start in range(0, len(words), 90):
            n_sections += 1
            n_flagged += bool(flags(" ".join(words[start : start + 90])))
    return f"Of {n_sections} stretches of AMI's meetings (odd rows) {n_flagged} are flagged."


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def measure(data: Path) -> str:
    encoder = require_encoder()
    ours = flags_with(SafetyFeature(encoder))
    words = flags_with(SafetyFeature(None))
    ways: dict[str, Flags] = {
        "Earshot": ours,
        "Earshot, without the encoder": words,
        "MiniLM, near the name of a label": flags_by_names(encoder, 0.3),
    }
    tables = [
        topic_table("Topics of 60 own passages", topic_cases(), encoder),
        topic_table(
            "Topics of 66 dialogues (DialogSum, odd rows)",
            read_dialogue_cases(data, even=False),
            encoder,
        ),
        *passage_tables(ways),
        moderation_table(data, {"Earshot": ours, "swear words alone": flag_swearing}),
    ]
    return "\n".join([*(table.render() for table in tables), meeting_line(data, ours), ""])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.topics", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with text/*/*.jsonl")
    parser.add_argument("--write", action="store_true", help="put the tables into the docs")
    options = parser.parse_args()
    load_before = load_average()
    tables = measure(options.data)
    run = describe_run(["benchmarks.topics", *sys.argv[1:]], load_before)
    content = f"{run}\n\n{tables}"
    print(content)
    if options.write:
        write_section("topics", content)


if __name__ == "__main__":
    main()
