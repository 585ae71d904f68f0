"""How long all of understanding takes for one hour of speech, and the memory that it adds.

Run as `python -m benchmarks.understanding_hour --data ../shared/eval`. With --write the table goes
into docs/reference/benchmarks.md. The words are those of meetings, 150 for each minute; features
run one after another, as in a worker, without a language model.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import MemoryWatch, resident_bytes
from benchmarks.report import Table, describe_run, load_average, write_section
from benchmarks.train_topics import require_encoder
from earshot.pipeline.understanding import share_tagger
from earshot.settings import load_settings
from earshot.transcript.options import RedactionOptions, SummaryOptions, UnderstandingOptions
from earshot.transcript.redaction_policies import POLICIES
from earshot.transcript.words import Word
from earshot.understanding.encoder import TextEncoder
from earshot.understanding.feature import FinishedTranscript
from earshot.understanding.redaction.redact import redact_words
from earshot.wiring.features import build_features, build_tagger

WORDS_OF_AN_HOUR = 9_000
WORD_MS = 400
ALL_POLICIES = tuple(policy for policy, entity_types in POLICIES.items() if entity_types)
EVERYTHING = UnderstandingOptions(
    key_phrases=True,
    chapters=True,
    summary=SummaryOptions(),
    entities=True,
    sentiment=True,
    topics=True,
    safety_threshold=0.5,
    custom_topics=("remote controls", "money"),
)


@dataclass(frozen=True, slots=True)
class Taken:
    """What one thing took, in seconds."""

    name: str
    elapsed_s: float
    cpu_s: float


def timed(name: str, work: Callable[[], object]) -> Taken:
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    work()
    return Taken(name, time.perf_counter() - began_s, time.process_time() - began_cpu_s)


def words_of_an_hour(data: Path) -> tuple[Word, ...]:
    """The first words of the meetings, each as long as the others."""
    lines = (data / "text" / "meeting" / "ami_topics_summaries.jsonl").read_text(encoding="utf-8")
    texts = [one["text"] for row in lines.splitlines() for one in json.loads(row)["utterances"]]
    spoken = " ".join(texts).split()[:WORDS_OF_AN_HOUR]
    return tuple(Word(text, WORD_MS * n, WORD_MS * (n + 1), 1.0) for n, text in enumerate(spoken))


def measure_all(words: tuple[Word, ...], encoder: TextEncoder) -> list[Taken]:
    """Redaction by all policies, then each feature that computes, on the words as they were.

    As in a job, names are looked for once: their time is redaction's.
    """
    redaction = RedactionOptions(policies=ALL_POLICIES)
    tagger = share_tagger(build_tagger(encoder))
    taken = [timed("redact_pii, all policies", lambda: redact_words(words, redaction, tagger))]
    for feature in build_features(load_settings(), encoder):
        if feature.is_asked_for(EVERYTHING):
            transcript = FinishedTranscript(words, "en_us", spoken=words, tagger=tagger)

            def find() -> object:
                return feature.find(transcript, EVERYTHING)  # noqa: B023 - called at once

            taken.append(timed(feature.name, find))
    return taken


def hour_table(taken: list[Taken], n_words: int, added_bytes: int) -> Table:
    everything = Taken(
        "all of them", sum(one.elapsed_s for one in taken), sum(one.cpu_s for one in taken)
    )
    rows = [(one.name, f"{one.elapsed_s:.1f}", f"{one.cpu_s:.1f}") for one in (*taken, everything)]
    note = (
        f"{n_words} words. Memory added, text encoder included: {added_bytes / 1e6:.0f} MB at most."
    )
    return Table("Understanding one hour of speech", ("Feature", "seconds", "of CPU"), rows, note)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.understanding_hour", description=__doc__
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with text/*/*.jsonl")
    parser.add_argument("--write", action="store_true", help="put the table into the docs")
    options = parser.parse_args()
    load_before = load_average()
    words = words_of_an_hour(options.data)
    before_bytes = resident_bytes(os.getpid())
    with MemoryWatch(os.getpid()) as watch:
        taken = measure_all(words, require_encoder())
    table = hour_table(taken, len(words), watch.peaks.process_bytes - before_bytes)
    run = describe_run(["benchmarks.understanding_hour", *sys.argv[1:]], load_before)
    content = f"{run}\n\n{table.render()}"
    print(content)
    if options.write:
        write_section("understanding-hour", content)


if __name__ == "__main__":
    main()
