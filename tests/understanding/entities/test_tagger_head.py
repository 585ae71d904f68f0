from pathlib import Path

import numpy as np

import earshot.understanding.entities as entities
from earshot.understanding.entities.tagger_head import (
    N_LABELS,
    STATE_SIZE,
    around,
    load_head,
    pack_head,
    unpack_head,
)
from earshot.understanding.entities.word_features import describe_words

MOST_BYTES = 400_000


def test_the_head_is_small_and_has_its_card() -> None:
    folder = Path(str(entities.__file__)).parent
    assert (folder / "tagger_head.npz").stat().st_size <= MOST_BYTES
    card = (folder / "tagger_head.md").read_text(encoding="utf-8")
    assert all(word in card for word in ("CC BY 4.0", "MIT", "benchmarks.train_tagger", "saw"))


def test_the_probabilities_of_a_word_add_up_to_one() -> None:
    features = describe_words(["my", "name", "is", "jane", "smith"])
    states = np.full((5, STATE_SIZE), 0.01, dtype=np.float32)
    for given in (None, states):
        scores = load_head().score(given, features)
        assert scores.shape == (5, N_LABELS)
        assert np.allclose(np.exp(scores).sum(axis=1), 1, atol=1e-5)


def test_a_packed_head_scores_as_before() -> None:
    head = load_head()
    features = describe_words(["ask", "doctor", "gupta", "in", "boston"])
    again = unpack_head(pack_head(head))
    assert np.allclose(head.score(None, features), again.score(None, features), atol=1e-3)


def test_beyond_the_ends_there_is_nothing() -> None:
    rows = np.array([[1.0], [2.0]], dtype=np.float32)
    assert around(rows, 1).tolist() == [[0, 1, 2], [1, 2, 0]]
