"""Makes the topics' vectors and calibrates what their nearness means.

Run as `python -m benchmarks.train_topics --data ../shared/eval`; with --write the head goes
into src/earshot/understanding. Read are the topics' descriptions and examples, which were written
for this; even rows of DialogSum (MIT), AMI (CC BY 4.0) and the New York Times snippets of
cjhutto/vaderSentiment (MIT) say what all texts share; `dialogue_topics.tsv`, what even rows of
DialogSum are about. Odd rows, and `topic_passages.tsv`, are for `benchmarks.topics` alone.
"""

import argparse
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from earshot.models.store import ModelStore
from earshot.settings import load_settings
from earshot.understanding.catalog import find_encoder
from earshot.understanding.encoder import TextEncoder, Vectors
from earshot.understanding.topic_head import Calibration, TopicHead, load_topic_words
from earshot.understanding.topic_labels import TopicLabel, load_topic_labels, plain_words
from earshot.understanding.topic_words import share_of_words

FOLDER = Path(__file__).parents[1] / "src" / "earshot" / "understanding"
DIALOGUE_TOPICS = Path(__file__).with_name("dialogue_topics.tsv")
# Chosen by the dialogues of even rows, and by how many examples find their topic without being of
# its vector.
WORD_SHARE = 0.4
PARENT_SHARE = 0.2
WORDS_OF_A_PART = 90
LARGEST_BYTE = 127
N_STEPS = 2000


@dataclass(frozen=True, slots=True)
class TopicCase:
    """A text, and the labels any of which is right, each with those below it."""

    text: str
    labels: tuple[str, ...]

    def is_right(self, label: str) -> bool:
        return any(label == one or label.startswith(f"{one}>") for one in self.labels)


def read_dialogue_cases(data: Path, *, even: bool) -> list[TopicCase]:
    """The dialogues of one half whose topics are known."""
    rows = dialogues(data)
    half = {row["id"] for row in (rows[::2] if even else rows[1::2])}
    by_id = {row["id"]: row for row in rows}
    lines = DIALOGUE_TOPICS.read_text(encoding="utf-8").splitlines()
    known = [(name, tuple(labels.split("|"))) for name, labels in map(_split, lines)]
    return [
        TopicCase(spoken(by_id[name]["dialogue"]), labels) for name, labels in known if name in half
    ]


def dialogues(data: Path) -> list[dict[str, str]]:
    path = data / "text" / "summary" / "dialogsum_test.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def spoken(dialogue: str) -> str:
    """What was said, without the names of those who said it."""
    return " ".join(re.sub(r"#\w+#:?", "", dialogue).split())


def background(data: Path) -> list[str]:
    """Texts about anything."""
    found = [spoken(row["dialogue"]) for row in dialogues(data)[::2]]
    snippets = data / "text" / "sentiment" / "hutto_nytEditorialSnippets.jsonl"
    rows = [json.loads(line)["text"] for line in snippets.read_text(encoding="utf-8").splitlines()]
    found += [" ".join(rows[start : start + 4]) for start in range(0, 1200, 8)]
    meetings = data / "text" / "meeting" / "ami_topics_summaries.jsonl"
    for line in meetings.read_text(encoding="utf-8").splitlines()[::2]:
        words = " ".join(one["text"] for one in json.loads(line)["utterances"]).split()
        starts = range(0, len(words), 10 * WORDS_OF_A_PART)
        found += [" ".join(words[start : start + WORDS_OF_A_PART]) for start in starts]
    return found


def vectors_of(labels: Sequence[TopicLabel], encoder: TextEncoder, *, examples: bool) -> Vectors:
    """Of each topic the mean of what its name, its description and its example are for it."""
    forms = [
        [" ".join(plain_words(tier) for tier in label.label.split(">")) for label in labels],
        [label.description for label in labels],
        [f"{plain_words(label.label.split('>')[-1])}: {label.description}" for label in labels],
    ]
    if examples:
        forms.append([label.example for label in labels])
    found: Vectors = unit(np.sum([encoder.encode(texts) for texts in forms], axis=0))
    return found


def unit(vectors: Vectors) -> Vectors:
    found: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return found


def fit(likenesses: Vectors, is_right: npt.NDArray[np.bool_]) -> Calibration:
    """Logistic regression of one variable, by Newton's steps."""
    x = np.stack([likenesses.astype(np.float64), np.ones(len(likenesses))], axis=1)
    weights = np.zeros(2)
    for _ in range(50):
        shares = 1 / (1 + np.exp(-x @ weights))
        slope = x.T @ (is_right - shares) - 1e-3 * weights
        curve = (x * (shares * (1 - shares))[:, None]).T @ x + 1e-3 * np.eye(2)
        weights = weights + np.clip(np.linalg.solve(curve, slope), -5, 5)
    return Calibration(float(weights[0]), float(weights[1]))


def pairs(
    likenesses: Vectors, cases: Sequence[TopicCase], labels: Sequence[TopicLabel]
) -> tuple[Vectors, npt.NDArray[np.bool_]]:
    """The likenesses that are surely right or wrong: a topic beside the right one may be either."""
    found, right = [], []
    for row, case in zip(likenesses, cases, strict=True):
        families = {one.split(">")[0] for one in case.labels}
        best = max(
            (index for index, one in enumerate(labels) if case.is_right(one.label)),
            key=lambda index: float(row[index]),
        )
        wrong = [i for i, one in enumerate(labels) if one.label.split(">")[0] not in families]
        found += [row[best], *row[wrong]]
        right += [True, *[False] * len(wrong)]
    return np.array(found, dtype=np.float32), np.array(right)


def train(data: Path, encoder: TextEncoder) -> dict[str, npt.NDArray[np.generic]]:
    labels = load_topic_labels()
    centre = encoder.encode(background(data)).mean(axis=0)
    vectors = vectors_of(labels, encoder, examples=True)
    vectors = unit(vectors - vectors.mean(axis=0))
    cases = read_dialogue_cases(data, even=True)
    texts = [case.text for case in cases]
    blank = Calibration(1.0, 0.0)
    head = TopicHead(vectors, centre, WORD_SHARE, PARENT_SHARE, blank, blank, blank, blank)
    read = encoder.encode(texts)
    names = [plain_words(label.label.split(">")[-1]) for label in labels]
    strangers = head.centred(read) @ head.centred(encoder.encode(names)).T
    scales = np.abs(vectors).max(axis=1, keepdims=True) / LARGEST_BYTE
    calibrations = {
        "by_both": head.likenesses(texts, read),
        "by_words": load_topic_words().likenesses(texts),
        "of_strangers": strangers,
        "strangers_by_words": share_of_words(texts, names),
    }
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "vectors": np.rint(vectors / scales).astype(np.int8),
        "centre": centre.astype(np.float32),
        "shares": np.array([WORD_SHARE, PARENT_SHARE], dtype=np.float32),
    }
    for name, likenesses in calibrations.items():
        found = fit(*pairs(likenesses, cases, labels))
        print(name, found)
        arrays[name] = np.array([found.slope, found.offset], dtype=np.float32)
    return arrays


def _split(line: str) -> tuple[str, str]:
    name, _, rest = line.partition("\t")
    return name, rest


def require_encoder() -> TextEncoder:
    settings = load_settings()
    encoder = find_encoder(ModelStore(settings.models, settings.own_model_specs))
    if encoder is None:
        raise SystemExit("get the text encoder first: earshot models pull minilm")
    return encoder


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.train_topics", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with text/*/*.jsonl")
    parser.add_argument("--write", action="store_true", help="put the head into the package")
    options = parser.parse_args()
    arrays = train(options.data, require_encoder())
    if options.write:
        np.savez_compressed(FOLDER / "topic_head.npz", allow_pickle=False, **arrays)


if __name__ == "__main__":
    main()
