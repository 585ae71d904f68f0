"""Sentiment of sentences: Earshot beside VADER, on what neither head nor lexicon was made of.

Run as `python -m benchmarks.sentiment --data ../shared/eval`. With --write the tables go into
docs/reference/benchmarks.md. The domains of vaderSentiment are read by heads trained here without
the domain, all else by the head of the package. VADER is left out where it is not installed.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

import numpy as np

from benchmarks.report import Table, describe_run, load_average, write_section
from benchmarks.sentiment_examples import (
    HUTTO,
    MELD,
    SST2,
    Example,
    read_examples,
    read_hutto,
    read_judged,
    read_own,
    read_words,
    without_copies,
)
from benchmarks.train_sentiment import (
    STATES,
    WORDS,
    Floats,
    add,
    judge_left_out,
    macro_f1,
)
from earshot.models.store import ModelStore
from earshot.settings import load_settings
from earshot.understanding.catalog import find_encoder
from earshot.understanding.encoder import TextEncoder
from earshot.understanding.sentiment_head import load_sentiment_head

VADER_NEUTRAL_BELOW = 0.05  # as its authors advise

Reader = Callable[[Sequence[str]], Floats]  # texts -> how much of each feeling, (n, 3)


def load_vader() -> Reader:
    analyzer = import_module("vaderSentiment.vaderSentiment").SentimentIntensityAnalyzer()

    def read(texts: Sequence[str]) -> Floats:
        compound = np.array([analyzer.polarity_scores(text)["compound"] for text in texts])
        neutral = np.full_like(compound, VADER_NEUTRAL_BELOW)
        found: Floats = np.stack([-compound, neutral, compound], axis=1).astype(np.float32)
        return found

    return read


def read_with_head(texts: Sequence[str], encoder: TextEncoder | None) -> Floats:
    head = load_sentiment_head()
    tokens = [None] * len(texts) if encoder is None else encoder.encode_tokens(texts)
    return np.array([head.read(text, one) for text, one in zip(texts, tokens, strict=True)])


def figure(name: str, rows: Sequence[Example], shares: Floats) -> str:
    """Macro-F1 in per cent; of SST-2 between the two feelings that it has."""
    feelings = np.array([one.feeling for one in rows])
    if name == SST2:
        return f"{100 * macro_f1(feelings // 2, shares[:, [0, 2]].argmax(axis=1), 2):.1f}"
    return f"{100 * macro_f1(feelings, shares.argmax(axis=1)):.1f}"


def accuracy_table(data: Path, encoder: TextEncoder) -> Table:
    sets = {name: read_judged(data, name) for name in (MELD, SST2)}
    reviews = without_copies(read_hutto(data), [one.text for one in sets[SST2]])
    examples = [*reviews, *read_own(), *read_words()]
    read = read_examples(examples, encoder)
    by_states, by_words = (judge_left_out(examples, read, kind) for kind in (STATES, WORDS))
    left_out = (add(by_states, by_words), by_words)
    try:
        vader: Reader | None = load_vader()
    except ImportError as error:
        print(f"\n*** VADER is not measured ({error})\n")
        vader = None
    lines = []
    for index, name in enumerate((*HUTTO, *sets)):
        rows = sets.get(name) or [one for one in reviews if one.domain == name]
        texts = [one.text for one in rows]
        if name in sets:
            found = [read_with_head(texts, one) for one in (encoder, None)]
        else:
            found = [judgements[index].logits for judgements in left_out]
        figures = [figure(name, rows, one) for one in found]
        figures.append(figure(name, rows, vader(texts)) if vader else "-")
        lines.append((name, str(len(rows)), *figures))
    columns = ("Set", "sentences", "Earshot", "by words alone", "VADER")
    note = (
        "Macro-F1 in per cent, of negative, neutral and positive; of SST-2, which has no neutral, "
        "of the likelier of two. The first four are each read by heads trained without that set. "
        "VADER's rules were found on tweets, and its ratings of words are cues of the heads. MELD "
        "is talk from a series, judged with sight and sound; SST-2 sentences of film reviews."
    )
    return Table("Sentiment of sentences", columns, lines, note)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sentiment", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with text/*/*.jsonl")
    parser.add_argument("--write", action="store_true", help="put the tables into the docs")
    options = parser.parse_args()
    load_before = load_average()
    encoder = find_encoder(ModelStore(load_settings().models))
    if encoder is None:
        sys.exit("the text encoder is needed: earshot models pull minilm")
    table = accuracy_table(options.data, encoder)
    run = describe_run(["benchmarks.sentiment", *sys.argv[1:]], load_before)
    content = f"{run}\n\n{table.render()}"
    print(content)
    if options.write:
        write_section("sentiment", content)


if __name__ == "__main__":
    main()
