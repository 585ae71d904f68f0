import numpy as np

from earshot.understanding.encoder import ENCODER_SIZE
from earshot.understanding.topic_head import (
    SHARE_OF_PART,
    Calibration,
    load_topic_head,
    load_topic_words,
    pooled,
)
from earshot.understanding.topic_labels import load_topic_labels
from tests.understanding.scripted_encoder import WordEncoder

LABELS = [label.label for label in load_topic_labels()]
TENNIS = LABELS.index("Sports>Tennis")
TALK = "She served an ace at match point, and her forehand was too much at Wimbledon."


def test_the_head_has_a_vector_of_unit_length_for_each_topic() -> None:
    head = load_topic_head()
    assert head.vectors.shape == (698, ENCODER_SIZE)
    assert np.allclose(np.linalg.norm(head.vectors, axis=1), 1, atol=1e-5)


def test_a_text_near_the_vector_of_a_topic_is_about_it() -> None:
    head = load_topic_head()
    near = head.vectors[TENNIS : TENNIS + 1] + head.centre
    relevances = head.relevances(["Mm."], near)
    assert LABELS[int(relevances[0].argmax())] == "Sports>Tennis"
    assert relevances[0, TENNIS] > 0.9
    assert relevances[0, LABELS.index("Science>Chemistry")] < 0.1


def test_without_vectors_words_tell_the_topic() -> None:
    relevances = load_topic_head().relevances([TALK, "Mm."], None)
    assert LABELS[int(relevances[0].argmax())] == "Sports>Tennis"
    assert relevances[1].max() < 0.1


def test_a_topic_is_about_as_relevant_as_its_parts() -> None:
    relevances = np.zeros((1, len(LABELS)), dtype=np.float32)
    relevances[0, TENNIS] = 0.8
    found = pooled(relevances)
    assert np.isclose(found[0, LABELS.index("Sports")], SHARE_OF_PART * 0.8)
    assert found[0, LABELS.index("Science")] == 0
    assert relevances[0, LABELS.index("Sports")] == 0


def test_pooling_goes_up_through_every_tier() -> None:
    label = "Technology&Computing>Computing>Internet>Email"
    relevances = np.zeros((1, len(LABELS)), dtype=np.float32)
    relevances[0, LABELS.index(label)] = 1
    found = pooled(relevances)[0]
    shares = [found[LABELS.index(label.rsplit(">", n)[0])] for n in (1, 2, 3)]
    assert np.allclose(shares, [SHARE_OF_PART, SHARE_OF_PART**2, SHARE_OF_PART**3])


def test_a_calibration_gives_probabilities() -> None:
    found = Calibration(10, -5).probabilities(np.array([[0.0, 0.5, 1.0]], dtype=np.float32))
    assert np.allclose(found, [[0.0067, 0.5, 0.9933]], atol=1e-3)


def test_vectors_that_are_the_centre_itself_do_no_harm() -> None:
    head = load_topic_head()
    assert np.isfinite(head.centred(head.centre[None])).all()
    assert np.isfinite(head.relevances([""], WordEncoder().encode([""]))).all()
    assert load_topic_words().likenesses([""]).max() == 0
