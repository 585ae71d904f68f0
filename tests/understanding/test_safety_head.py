import numpy as np

from earshot.understanding.encoder import ENCODER_SIZE
from earshot.understanding.safety_head import load_safety_head
from earshot.understanding.safety_labels import LABELS
from tests.understanding.scripted_encoder import WordEncoder


def test_the_head_has_weights_for_every_label() -> None:
    head = load_safety_head()
    assert head.weights.shape == (ENCODER_SIZE, len(LABELS))
    assert head.biases.shape == head.severities.shape == (len(LABELS),)


def test_a_vector_along_a_labels_weights_is_of_that_label() -> None:
    head = load_safety_head()
    for column, label in enumerate(LABELS):
        along = head.weights[:, column] / np.linalg.norm(head.weights[:, column])
        assert head.confidences(along[None])[0, column] > 0.9, label


def test_confidence_and_gravity_are_shares() -> None:
    vectors = WordEncoder().encode(["one two", "three", ""])
    head = load_safety_head()
    for found in (head.confidences(vectors), head.gravity(vectors), head.gravity(1000 * vectors)):
        assert found.shape == (3, len(LABELS))
        assert ((found >= 0) & (found <= 1)).all()
