"""Train the head of the tagger and write it; needs the encoder, and some minutes.

Run as `python -m benchmarks.train_tagger --data ../shared/eval`, with `earshot models pull minilm`
before. What it learns from is named in its card, `tagger_head.md`, and so is what it never sees.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np

from benchmarks.names import f1_row, find_names, load_encoder, read_scored
from benchmarks.tagger_casual import make_casual
from benchmarks.tagger_messages import read_messages, split_marks
from benchmarks.tagger_rows import read_marked, read_pii, read_wnut, without_case
from benchmarks.tagger_sentences import HERE, NOTHING, UNKNOWN, Sentence, make_sentences
from benchmarks.tagger_trainer import Example, teach
from earshot.understanding.encoder import TextEncoder
from earshot.understanding.entities.tagger import TrainedTagger, states_of_words
from earshot.understanding.entities.tagger_head import (
    N_LABELS,
    TAGGED_TYPES,
    TaggerHead,
    pack_head,
    unpack_head,
)
from earshot.understanding.entities.word_features import describe_words

HEAD = HERE.parent / "src/earshot/understanding/entities/tagger_head.npz"
N_GENERATED = 9000
N_CASUAL = 4000
MOST_TEXTS = 2500  # of each set of talk and reviews, most of which names nobody
N_EPOCHS = 6
SEED = 7


def label_of(tag: str) -> int:
    """The label of what a word is marked as; nothing is known of a word that is UNKNOWN."""
    if tag == NOTHING:
        return 0
    return 1 + 2 * TAGGED_TYPES.index(tag[2:]) + (tag[0] == "I")


def vary(sentence: Sentence, rng: Random) -> Sentence:
    """As it is, or as one of the engines would write it: without case, marks, or both."""
    kind = rng.random()
    if kind < 0.45:
        return sentence
    if kind < 0.85:
        return without_case(sentence)
    if kind < 0.93:
        return replace(sentence, words=tuple(word.lower() for word in sentence.words))
    bare = [word.strip('.,?!;:"()') or word for word in sentence.words]
    return replace(sentence, words=tuple(bare))


def read_sets(data: Path) -> dict[str, list[Sentence]]:
    """By name what is learnt from."""
    sets = {
        name: Random(SEED).sample(found, min(len(found), MOST_TEXTS))
        for name, found in read_marked(data).items()
    }
    sets["presidio even"] = read_pii(data, 0) * 2
    for name, messages in read_messages(data).items():
        apart = [split_marks(one) for one in messages]
        sets[name] = [*messages, *apart, *apart]
    sets["casual"] = make_casual(SEED, N_CASUAL)
    sets["templates"] = make_sentences(SEED, N_GENERATED)
    return sets


def encode(sentences: Sequence[Sentence], encoder: TextEncoder) -> list[Example]:
    examples: list[Example] = []
    for start in range(0, len(sentences), 256):
        batch = sentences[start : start + 256]
        read = encoder.encode_tokens([" ".join(sentence.words) for sentence in batch])
        for sentence, tokens in zip(batch, read, strict=True):
            states = states_of_words(sentence.words, tokens).astype(np.float16)
            wanted = np.zeros((len(sentence.tags), N_LABELS), dtype=np.float32)
            for row, tag in zip(wanted, sentence.tags, strict=True):
                if tag != UNKNOWN:
                    row[label_of(tag)] = 1
            examples.append(Example(states, describe_words(sentence.words), wanted))
    return examples


def measure(head: TaggerHead, encoder: TextEncoder | None, data: Path) -> list[tuple[str, ...]]:
    """A row for each set that is scored: F1 of all names, then of each type."""
    tagger = TrainedTagger(encoder, head)
    return [
        (name, *f1_row(sentences, lambda words: find_names(tagger, words)))
        for name, sentences in read_scored(data).items()
    ]


def left_out(name: str, data: Path) -> list[Sentence]:
    """The rows of a set, with everything judged, to score it left out; WNUT17 dev always is."""
    if name == "wnut17 dev":
        return read_wnut(data / "text/ner/wnut17_dev.jsonl", judges_others=True)
    messages = read_messages(data)
    return messages[name] if name in messages else read_pii(data, 0)


def make_examples(
    sets: Mapping[str, Sequence[Sentence]], encoder: TextEncoder, left: str | None = None
) -> list[Example]:
    rng = Random(SEED)
    chosen = [one for name, listed in sets.items() if name != left for one in listed]
    return encode([vary(one, rng) for one in chosen if one.words], encoder)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.train_tagger", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with text/")
    parser.add_argument("--out", type=Path, default=HEAD, help="file for the head")
    parser.add_argument("--leave-out", help="do not learn from this set, and score it; no file")
    parser.add_argument("--epochs", type=int, default=N_EPOCHS)
    parser.add_argument("--seed", type=int, default=SEED, help="of the first weights and the order")
    return parser.parse_args()


def main() -> None:
    options = parse_arguments()
    encoder = load_encoder()
    sets = read_sets(options.data)
    for name, sentences in sets.items():
        print(name, len(sentences), "sentences", sum(len(one.words) for one in sentences), "words")
    examples = make_examples(sets, encoder, options.leave_out)
    head = teach(examples, len(sets["templates"]), n_epochs=options.epochs, seed=options.seed)
    if options.leave_out:
        tagger = TrainedTagger(encoder, head)
        scored = left_out(options.leave_out, options.data)
        print(options.leave_out, f1_row(scored, lambda words: find_names(tagger, words)))
        return
    head = unpack_head(pack_head(head))  # as it is shipped
    np.savez_compressed(options.out, **pack_head(head))  # type: ignore[arg-type]  # its other keyword is no array
    for row in measure(head, encoder, options.data):
        print("  ", *row)


if __name__ == "__main__":
    main()
