"""How the sentiment head learns: gradients written out, in numpy."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.sentiment_examples import ReadExamples
from earshot.understanding.encoder import ENCODER_SIZE
from earshot.understanding.sentiment_head import FEELINGS, N_BUCKETS, N_CUES

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a head is trained: on the encoder's states, or on words and cues."""

    uses_states: bool
    balance: float = 0.5  # 0: rows weigh the same; 1: feelings do, in each domain
    size: int = 48
    n_epochs: int = 3
    batch: int = 128
    rate: float = 2e-3
    rate_of_words: float = 4e-3
    rate_of_cues: float = 2e-2
    decay: float = 1e-2  # of what a step moves, of all weights, as in AdamW
    decay_of_words: float = 2e-2
    dropout: float = 0.3


class Trainer:
    """Weights that come nearer to the targets step by step (Adam with decay)."""

    def __init__(self, recipe: Recipe, seed: int) -> None:
        self.recipe = recipe
        self._chance = np.random.default_rng(seed)
        size = recipe.size

        def begin(*shape: int) -> Floats:
            return self._chance.normal(0, shape[0] ** -0.5, shape).astype(np.float32)

        self.weights: dict[str, Floats] = {}
        if recipe.uses_states:
            self.weights = {
                "hidden": begin(ENCODER_SIZE, size),
                "hidden_bias": np.zeros(size, dtype=np.float32),
                "attention": np.zeros(size, dtype=np.float32),
                "output": begin(2 * size, len(FEELINGS)),
            }
        else:
            self.weights["words"] = np.zeros((N_BUCKETS, len(FEELINGS)), dtype=np.float32)
            self.weights["cues"] = np.zeros((N_CUES, len(FEELINGS)), dtype=np.float32)
        self.weights["bias"] = np.zeros(len(FEELINGS), dtype=np.float32)
        self._means = {name: np.zeros_like(array) for name, array in self.weights.items()}
        self._squares = {name: np.zeros_like(array) for name, array in self.weights.items()}
        self._n_steps = 0

    def train(self, examples: ReadExamples) -> None:
        n = len(examples.targets)
        n_steps = self.recipe.n_epochs * -(-n // self.recipe.batch)
        for _ in range(self.recipe.n_epochs):
            order = self._chance.permutation(n)
            for start in range(0, n, self.recipe.batch):
                share_left = 1 - self._n_steps / n_steps
                part = examples.select(order[start : start + self.recipe.batch])
                self._move(self.slopes(part), share_left)

    def logits(self, examples: ReadExamples) -> Floats:
        n = len(examples.targets)
        found = [
            self._forward(examples.select(np.arange(start, min(start + 512, n))))
            for start in range(0, n, 512)
        ]
        return np.concatenate([one["logits"] for one in found])

    def _forward(self, part: ReadExamples, *, drops: bool = False) -> dict[str, Floats]:
        if not self.recipe.uses_states:
            logits = part.words @ self.weights["words"] + part.cues @ self.weights["cues"]
            return {"logits": (logits + self.weights["bias"]).astype(np.float32)}
        found = self._pool(part)
        keep = 1 - self.recipe.dropout
        if drops:
            kept = self._chance.random(found["pooled"].shape) < keep
            found["kept"] = kept.astype(np.float32) / keep
            found["pooled"] = found["pooled"] * found["kept"]
        logits = found["pooled"] @ self.weights["output"] + self.weights["bias"]
        return found | {"logits": logits.astype(np.float32)}

    def _pool(self, part: ReadExamples) -> dict[str, Floats]:
        """One hidden layer over each token, pooled by attention and by the mean."""
        starts = np.cumsum(part.n_tokens) - part.n_tokens
        states = part.states.astype(np.float32)
        active = np.maximum(states @ self.weights["hidden"] + self.weights["hidden_bias"], 0)
        scores = active @ self.weights["attention"]
        scores -= np.repeat(np.maximum.reduceat(scores, starts), part.n_tokens)
        shares = np.exp(scores)
        shares /= np.repeat(np.add.reduceat(shares, starts), part.n_tokens)
        attended = np.add.reduceat(active * shares[:, None], starts)
        mean = np.add.reduceat(active, starts) / part.n_tokens[:, None].astype(np.float32)
        pooled = np.concatenate([attended, mean], axis=1)
        return {"states": states, "active": active, "shares": shares, "pooled": pooled}

    def slopes(self, part: ReadExamples) -> dict[str, Floats]:
        """By how much what is lost grows with each weight."""
        found = self._forward(part, drops=True)
        wrong = (softmax(found["logits"]) - part.targets) * part.weights[:, None]
        wrong /= len(part.targets)
        slopes = {"bias": wrong.sum(axis=0)}
        if self.recipe.uses_states:
            return slopes | self._slopes_of_states(part, found, wrong)
        return slopes | {"words": part.words.T @ wrong, "cues": part.cues.T @ wrong}

    def _slopes_of_states(
        self, part: ReadExamples, found: dict[str, Floats], wrong: Floats
    ) -> dict[str, Floats]:
        starts = np.cumsum(part.n_tokens) - part.n_tokens
        size, active, shares = self.recipe.size, found["active"], found["shares"]
        pooled = (wrong @ self.weights["output"].T) * found["kept"]
        attended = np.repeat(pooled[:, :size], part.n_tokens, axis=0)
        mean = np.repeat(pooled[:, size:] / part.n_tokens[:, None], part.n_tokens, axis=0)
        gains = (active * attended).sum(axis=1)
        expected = np.repeat(np.add.reduceat(shares * gains, starts), part.n_tokens)
        scores = shares * (gains - expected)
        into = attended * shares[:, None] + mean + scores[:, None] * self.weights["attention"]
        into = (into * (active > 0)).astype(np.float32)
        return {
            "output": found["pooled"].T @ wrong,
            "attention": active.T @ scores,
            "hidden": found["states"].T @ into,
            "hidden_bias": into.sum(axis=0),
        }

    def _move(self, slopes: dict[str, Floats], share_left: float) -> None:
        self._n_steps += 1
        recipe = self.recipe
        for name, slope in slopes.items():
            by_kind = {"words": (recipe.rate_of_words, recipe.decay_of_words)}
            by_kind["cues"] = (recipe.rate_of_cues, 0.0)
            rate, decay = by_kind.get(name, (recipe.rate, recipe.decay))
            rate *= share_left
            mean, square = self._means[name], self._squares[name]
            mean += 0.1 * (slope - mean)
            square += 0.01 * (slope**2 - square)
            step = mean / (1 - 0.9**self._n_steps)
            step = step / (np.sqrt(square / (1 - 0.99**self._n_steps)) + 1e-8)
            self.weights[name] -= (rate * (step + decay * self.weights[name])).astype(np.float32)


def softmax(logits: Floats) -> Floats:
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    found: Floats = shares / shares.sum(axis=1, keepdims=True)
    return found


def macro_f1(wanted: Sequence[int], found: Sequence[int], n_classes: int = 3) -> float:
    """The mean of each class's F1."""
    truth, guess = np.asarray(wanted), np.asarray(found)
    figures = []
    for one in range(n_classes):
        n_right = int(((truth == one) & (guess == one)).sum())
        figures.append(2 * n_right / max(1, int((truth == one).sum() + (guess == one).sum())))
    return float(np.mean(figures))
