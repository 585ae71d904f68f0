"""What a vocabulary is worth: recall of rare words, harm to the others, time for long lists.

Run as `python -m benchmarks.vocabulary --data ../shared/eval`. The terms of a clip are its
reference's words outside the 5,000 commonest of English, among distractors: rare words of other
clips. Settings are chosen on even rows of the manifest and judged on odd ones. With --write the
tables go into docs/reference/benchmarks.md.
"""

import argparse
import random
import re
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import jiwer

from benchmarks.datasets import SETS_APART, Clip, read_english_clips
from benchmarks.report import Table, describe_run, load_average, write_section
from earshot.evaluation.scoring import ErrorCounts, error_rate, normalise, total_of
from earshot.pipeline.offline import transcribe_file
from earshot.pipeline.stages import Stages
from earshot.settings import load_settings
from earshot.transcript.options import (
    NO_VOCABULARY,
    TranscriptOptions,
    Vocabulary,
    VocabularyStrength,
)
from earshot.wiring.models import load_stages

N_COMMON = 5_000
N_DISTRACTORS = 100
LIST_SIZES = (0, 100, 1000)
N_COST_RUNS = 3
STRENGTHS: tuple[VocabularyStrength, ...] = ("low", "default", "high")
WITHOUT = "no vocabulary"
_WORD = re.compile(r"[^\W\d_][\w']*")


@dataclass(frozen=True, slots=True)
class Heard:
    """One clip with one vocabulary: what became of its rare words, and of the others."""

    row: int
    rare: ErrorCounts
    others: ErrorCounts


def english_words(n_words: int) -> list[str]:
    """That many English words, the commonest first."""
    try:
        from wordfreq import top_n_list
    except ImportError:
        sys.exit("this benchmark needs a list of common words. Run: pip install wordfreq")
    words: list[str] = top_n_list("en", n_words)
    return words


def rare_words(reference: str, common: frozenset[str]) -> dict[str, str]:
    """The reference's rare words as they are written, by how they are compared."""
    found: dict[str, str] = {}
    for written in _WORD.findall(reference):
        word = normalise(written)
        if word.isalpha() and word not in common:
            found.setdefault(word, written)
    return found


def terms_for(clip: Clip, rare: dict[int, dict[str, str]], n_distractors: int) -> tuple[str, ...]:
    """The clip's rare words among others', in an order that tells nothing; always the same."""
    own = rare[clip.row]
    said = set(normalise(clip.reference).split())
    others = {word: written for words in rare.values() for word, written in words.items()}
    absent = sorted(word for word in others if word not in said and word not in own)
    draw = random.Random(clip.row)
    chosen = draw.sample(absent, min(n_distractors, len(absent)))
    terms = [*own.values(), *(others[word] for word in chosen)]
    draw.shuffle(terms)
    return tuple(terms)


def count_rare_and_others(row: int, reference: str, hypothesis: str, rare: Iterable[str]) -> Heard:
    """The errors among the rare words, and those among the others with all insertions."""
    edits = jiwer.process_words(normalise(reference), normalise(hypothesis))
    (said,) = edits.references
    wanted = set(rare)
    n_rare = sum(word in wanted for word in said)
    rare_missed, substituted, deleted, inserted = 0, 0, 0, 0
    for part in edits.alignments[0]:
        if part.type == "insert":
            inserted += part.hyp_end_idx - part.hyp_start_idx
        elif part.type != "equal":
            words = said[part.ref_start_idx : part.ref_end_idx]
            n_missed = sum(word in wanted for word in words)
            rare_missed += n_missed
            substituted += (len(words) - n_missed) * (part.type == "substitute")
            deleted += (len(words) - n_missed) * (part.type == "delete")
    others = ErrorCounts(len(said) - n_rare, substituted, deleted, inserted)
    return Heard(row, ErrorCounts(n_rare, deletions=rare_missed), others)


def hear(
    clips: Sequence[Clip], rare: dict[int, dict[str, str]], stages: Stages
) -> dict[str, list[Heard]]:
    """Every clip without a vocabulary and with one of each strength."""
    heard: dict[str, list[Heard]] = {name: [] for name in (WITHOUT, *STRENGTHS)}
    for clip in clips:
        terms = terms_for(clip, rare, N_DISTRACTORS)
        vocabularies = {WITHOUT: NO_VOCABULARY} | {s: Vocabulary(terms, s) for s in STRENGTHS}
        for name, vocabulary in vocabularies.items():
            text = _text(clip, vocabulary, stages)
            result = count_rare_and_others(clip.row, clip.reference, text, rare[clip.row])
            heard[name].append(result)
    return heard


def measure_cost(
    clips: Sequence[Clip], absent: Sequence[str], stages: Stages
) -> dict[int, tuple[float, list[Heard]]]:
    """CPU seconds for lists of terms that nobody says, and what the words suffer from them."""
    lists = {size: Vocabulary(tuple(absent[:size])) for size in LIST_SIZES}
    seconds: dict[int, list[float]] = {size: [] for size in LIST_SIZES}
    heard: dict[int, list[Heard]] = {}
    for _ in range(N_COST_RUNS):
        for size, vocabulary in lists.items():
            started_s = time.process_time()
            texts = [_text(clip, vocabulary, stages) for clip in clips]
            seconds[size].append(time.process_time() - started_s)
            heard[size] = [
                count_rare_and_others(clip.row, clip.reference, text, ())
                for clip, text in zip(clips, texts, strict=True)
            ]
    # The least of the runs: what else the machine does only ever adds.
    return {size: (min(seconds[size]), heard[size]) for size in LIST_SIZES}


def _text(clip: Clip, vocabulary: Vocabulary, stages: Stages) -> str:
    return transcribe_file(clip.path, TranscriptOptions(vocabulary=vocabulary), stages).text


def recall_table(heard: dict[str, list[Heard]]) -> Table:
    """Recall of the rare words, and word error rate on the others."""
    rows = []
    for title, parity in (("even rows (chosen on)", 0), ("odd rows (judged on)", 1)):
        missed_without = 0
        for name, results in heard.items():
            chosen = [result for result in results if result.row % 2 == parity]
            missed = error_rate([result.rare for result in chosen])
            total = total_of(result.rare for result in chosen)
            others = error_rate([result.others for result in chosen])
            if name == WITHOUT:
                missed_without = total.n_errors
            recovered = 100 * (missed_without - total.n_errors) / max(missed_without, 1)
            rows.append(
                (
                    f"{title}: {name}",
                    str(total.n_words),
                    f"{100 - missed.percent:.1f} "
                    f"({100 - missed.high_percent:.1f} to {100 - missed.low_percent:.1f})",
                    f"{recovered:.0f}",
                    f"{others.percent:.2f} ({others.low_percent:.2f} to {others.high_percent:.2f})",
                )
            )
    return Table(
        "Rare words, with and without a vocabulary",
        ("Strength", "rare words", "recall % (95 %)", "misses recovered %", "WER % others (95 %)"),
        rows,
        f"Rare: outside the {N_COMMON} commonest English words. Each clip's vocabulary holds its "
        f"rare words and {N_DISTRACTORS} of other clips. Overlapping speech is left out.",
    )


def cost_table(cost: dict[int, tuple[float, list[Heard]]]) -> Table:
    """CPU time and word error rate with terms that nobody says."""
    base_s, base = cost[0]
    rows = []
    for size, (taken_s, heard) in cost.items():
        rate = error_rate([result.others for result in heard])
        changed = rate.percent - error_rate([result.others for result in base]).percent
        more = f"{100 * (taken_s / base_s - 1):+.1f}"
        rows.append(
            (f"{size} terms", f"{taken_s:.1f}", more, f"{rate.percent:.2f}", f"{changed:+.2f}")
        )
    return Table(
        "Long vocabularies of terms that are not said",
        ("Vocabulary", "CPU s", "more %", "WER %", "change"),
        rows,
        "CPU time of voice detection and recognition over all clips, the least of "
        f"{N_COST_RUNS} runs; of the default strength.",
    )


def measure(data: Path) -> list[Table]:
    common = frozenset(english_words(N_COMMON))
    clips = [
        clip
        for clip in read_english_clips(data)
        if clip.set_name not in SETS_APART and not clip.speaker_references
    ]
    rare = {clip.row: rare_words(clip.reference, common) for clip in clips}
    said = {word for clip in clips for word in normalise(clip.reference).split()}
    absent = [
        word
        for word in english_words(50_000)[N_COMMON:]
        if word.isascii() and word.isalpha() and len(word) > 3 and word not in said
    ]
    random.Random(0).shuffle(absent)
    stages = load_stages(load_settings())
    try:
        heard = hear(clips, rare, stages)
        return [recall_table(heard), cost_table(measure_cost(clips, absent, stages))]
    finally:
        stages.decoder.close()


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.vocabulary", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with asr/manifest.jsonl")
    parser.add_argument("--write", action="store_true", help="put the tables into the docs")
    options = parser.parse_args(arguments)
    if not (options.data / "asr" / "manifest.jsonl").is_file():
        parser.error(f"{options.data} has no asr/manifest.jsonl")
    return options


def main() -> None:
    options = parse_arguments()
    load_before = load_average()
    tables = measure(options.data)
    run = describe_run(["benchmarks.vocabulary", *sys.argv[1:]], load_before)
    content = "\n".join([run, "", *(table.render() for table in tables)])
    print(content)
    if options.write:
        write_section("vocabulary", content)


if __name__ == "__main__":
    main()
