"""Trains the heads of content safety, scores them on what each fold leaves out, and writes them.

Run as `python -m benchmarks.train_safety --data ../shared/eval`; with --write the head goes into
src/earshot/understanding. Trained on: `safety_sentences.tsv` and the examples of the topics, both
written for this; even rows of Davidson's tweets (MIT); sentences of AMI's meetings (CC BY 4.0, even
rows) as such in which nothing is sensitive. Never on: `safety_passages.tsv`, Surge AI's toxicity
set, odd rows of Davidson's.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from benchmarks.train_topics import require_encoder
from earshot.understanding.encoder import ENCODER_SIZE, TextEncoder, Vectors
from earshot.understanding.safety_labels import LABELS
from earshot.understanding.topic_labels import load_topic_labels

FOLDER = Path(__file__).parents[1] / "src" / "earshot" / "understanding"
SENTENCES = Path(__file__).with_name("safety_sentences.tsv")
N_FOLDS = 5
N_OF_MEETINGS = 1200
GRAVITY = {"1": 0.2, "2": 0.5, "3": 0.9}  # of the marks in the file
# Chosen by folds of our own sentences.
DECAY = 0.003
POSITIVE_SHARE = 0.25  # of the weight of all texts
SEVERITY_DECAY = 3.0

# What examples of topics have of sensitive content; "~" where that is open.
TOPIC_LABELS = {
    "Food&Drink>AlcoholicBeverages": "alcohol",
    "EventsAndAttractions>Bars&Restaurants": "~alcohol",
    "EventsAndAttractions>Nightclubs": "~alcohol",
    "EventsAndAttractions>Casinos&Gambling": "gambling",
    "Sports>PokerAndProfessionalGambling": "gambling",
    "Sports>EquineSports>HorseRacing": "~gambling",
    "Shopping>LotteriesAndScratchcards": "gambling",
    "Hobbies&Interests>Cigars": "tobacco",
    "HealthyLiving>Wellness>SmokingCessation": "tobacco",
    "Sports>HuntingAndShooting": "~weapons",
    "BusinessAndFinance>Industries>DefenseIndustry": "~weapons",
    "NewsAndPolitics>Politics>WarAndConflicts": "~weapons ~negative_news ~crime_violence",
    "NewsAndPolitics>Crime": "crime_violence ~negative_news",
    "NewsAndPolitics>Disasters": "disasters ~negative_news",
    "NewsAndPolitics": "~negative_news ~sensitive_social_issues",
    "BusinessAndFinance": "~negative_news ~financials ~health_issues",
    "PersonalFinance": "~financials",
    "MedicalHealth": "~health_issues ~accidents ~drugs ~pornography",
    "MedicalHealth>DiseasesAndConditions": "health_issues ~accidents ~drugs ~pornography ~alcohol",
    "HealthyLiving": "~health_issues ~tobacco",
    "FamilyAndRelationships": "~health_issues",
    "BooksAndLiterature>ComicsAndGraphicNovels": "~manga",
    "Hobbies&Interests>Collecting>ComicBooks": "~manga",
    "Movies>AnimationMovies": "~manga",
    "Television>AnimationTV": "~manga",
    "Movies": "~crime_violence ~weapons ~accidents",
    "VideoGaming": "~weapons ~manga",
    "PopCulture": "~negative_news ~pornography ~nsfw",
    "Automotive": "~accidents",
    "Religion&Spirituality": "~sensitive_social_issues",
    "Style&Fashion>WomensFashion>WomensClothing>WomensIntimatesAndSleepwear": "~nsfw",
}


@dataclass(frozen=True, slots=True)
class Example:
    """A text, the labels of what is in it with their gravity, and those that are left open."""

    text: str
    labels: dict[str, float | None]
    left_open: frozenset[str]
    is_own: bool = False


def read_own(path: Path = SENTENCES) -> list[Example]:
    return [_example(*line.split("\t")) for line in path.read_text(encoding="utf-8").splitlines()]


def _example(marks: str, text: str) -> Example:
    labels: dict[str, float | None] = {}
    for mark in marks.split(","):
        label, _, grade = mark.partition(":")
        if not label.startswith(("~", "-")):
            labels[label] = GRAVITY[grade] if grade else None
    left_open = frozenset(mark[1:] for mark in marks.split(",") if mark.startswith("~"))
    return Example(text, labels, left_open, is_own=True)


def read_topics() -> Iterator[Example]:
    for label in load_topic_labels():
        marks: set[str] = set()
        at: str | None = label.label
        while at is not None:
            marks |= set(TOPIC_LABELS.get(at, "").split())
            at = at.rpartition(">")[0] or None
        sure = {mark for mark in marks if not mark.startswith("~")}
        left_open = frozenset(mark[1:] for mark in marks if mark.startswith("~")) - sure
        yield Example(label.example, dict.fromkeys(sure), left_open)


def read_tweets(data: Path) -> Iterator[Example]:
    path = data / "text" / "moderation" / "davidson_hate4000.jsonl"
    others = frozenset(LABELS) - {"hate_speech", "profanity"}
    for line in path.read_text(encoding="utf-8").splitlines()[::2]:
        row = json.loads(line)
        if row["label"] == "hate":
            yield Example(row["text"], {"hate_speech": None}, others | {"profanity"})
        elif row["label"] == "offensive":
            yield Example(row["text"], {"profanity": None}, others)
        else:
            yield Example(row["text"], {}, others)


def read_meetings(data: Path) -> list[Example]:
    path = data / "text" / "meeting" / "ami_topics_summaries.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()[::2]
    texts = [one["text"] for line in lines for one in json.loads(line)["utterances"]]
    texts = [text for text in texts if 5 <= len(text.split()) <= 40]
    step = max(1, len(texts) // N_OF_MEETINGS)
    return [Example(text, {}, frozenset()) for text in texts[::step]]


def regress(vectors: Vectors, is_there: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """The weights, the bias last, of a logistic regression in which the two kinds are balanced."""
    x = np.hstack([vectors.astype(np.float64), np.ones((len(vectors), 1))])
    weights = np.where(is_there, POSITIVE_SHARE / is_there.sum(), 0)
    weights = weights + np.where(is_there, 0, (1 - POSITIVE_SHARE) / (~is_there).sum())
    weights *= 2 * is_there.sum()
    ridge = np.append(np.full(ENCODER_SIZE, DECAY), 1e-6)

    def loss(at: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        logits = x @ at
        costs = np.logaddexp(0, logits) - is_there * logits
        slope = x.T @ (weights * (1 / (1 + np.exp(-logits)) - is_there)) + ridge * at
        return float(weights @ costs + ridge @ at**2 / 2), slope

    found: npt.NDArray[np.float64] = minimize(
        loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B"
    ).x
    return found


def train_label(
    label: str, examples: Sequence[Example], vectors: Vectors
) -> npt.NDArray[np.float64]:
    rows = [i for i, one in enumerate(examples) if label not in one.left_open]
    is_there = np.array([label in examples[i].labels for i in rows])
    return regress(vectors[rows], is_there)


def train_severity(examples: Sequence[Example], vectors: Vectors) -> tuple[Vectors, Vectors]:
    """A line through the vectors of graded sentences, and where each label's begins."""
    graded = [
        (vectors[i], LABELS.index(label), grade)
        for i, one in enumerate(examples)
        for label, grade in one.labels.items()
        if grade is not None
    ]
    x = np.zeros((len(graded), ENCODER_SIZE + len(LABELS)))
    for row, (vector, column, _) in enumerate(graded):
        x[row, :ENCODER_SIZE] = vector
        x[row, ENCODER_SIZE + column] = 1
    y = np.array([grade for _, _, grade in graded]) - 0.5
    ridge = np.array([SEVERITY_DECAY] * ENCODER_SIZE + [0.1] * len(LABELS))
    found = np.linalg.solve(x.T @ x + np.diag(ridge), x.T @ y)
    return found[:ENCODER_SIZE], found[ENCODER_SIZE:] + 0.5


def f1_of_folds(examples: Sequence[Example], vectors: Vectors) -> dict[str, tuple[float, ...]]:
    """Of each label precision, recall and F1 on our own sentences, each left out once."""
    found: dict[str, tuple[float, ...]] = {}
    for label in LABELS:
        chances = np.full(len(examples), np.nan)
        for fold in range(N_FOLDS):
            out = [i for i, one in enumerate(examples) if one.is_own and i % N_FOLDS == fold]
            kept = sorted(set(range(len(examples))) - set(out))
            weights = train_label(label, [examples[i] for i in kept], vectors[kept])
            chances[out] = vectors[out] @ weights[:-1] + weights[-1]
        scored = [i for i, one in enumerate(examples) if one.is_own and label not in one.left_open]
        truth = np.array([label in examples[i].labels for i in scored])
        guess = chances[scored] > 0
        n_right = int((truth & guess).sum())
        precision, recall = n_right / max(1, guess.sum()), n_right / max(1, truth.sum())
        found[label] = (precision, recall, 2 * n_right / max(1, int(guess.sum() + truth.sum())))
    return found


def train(data: Path, encoder: TextEncoder) -> dict[str, npt.NDArray[np.generic]]:
    examples = [*read_own(), *read_topics(), *read_tweets(data), *read_meetings(data)]
    vectors = encoder.encode([one.text for one in examples])
    folds = f1_of_folds(examples, vectors)
    for label, figures in folds.items():
        print(f"{label:24s}" + " ".join(f"{100 * one:5.1f}" for one in figures))
    print("mean F1 of folds", round(100 * float(np.mean([one[2] for one in folds.values()])), 1))
    heads = np.stack([train_label(label, examples, vectors) for label in LABELS])
    severity, severities = train_severity(examples, vectors)
    return {
        "weights": heads[:, :-1].T.astype(np.float32),
        "biases": heads[:, -1].astype(np.float32),
        "severity": severity.astype(np.float32),
        "severities": severities.astype(np.float32),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.train_safety", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with text/*/*.jsonl")
    parser.add_argument("--write", action="store_true", help="put the head into the package")
    options = parser.parse_args()
    arrays = train(options.data, require_encoder())
    if options.write:
        np.savez_compressed(FOLDER / "safety_head.npz", allow_pickle=False, **arrays)


if __name__ == "__main__":
    main()
