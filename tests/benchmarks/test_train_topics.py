import numpy as np

from benchmarks.train_topics import DIALOGUE_TOPICS, TopicCase, fit, pairs, spoken
from earshot.understanding.topic_labels import TopicLabel, load_topic_labels


def test_a_label_is_right_with_those_below_it() -> None:
    case = TopicCase("", ("Sports>Rugby",))
    assert case.is_right("Sports>Rugby")
    assert case.is_right("Sports>Rugby>RugbyUnion")
    assert not case.is_right("Sports")
    assert not case.is_right("Sports>RugbySevens")


def test_the_labels_of_dialogues_exist() -> None:
    labels = {label.label for label in load_topic_labels()}
    for line in DIALOGUE_TOPICS.read_text(encoding="utf-8").splitlines():
        name, _, some = line.partition("\t")
        assert name.startswith("test_")
        assert set(some.split("|")) <= labels


def test_names_of_speakers_are_left_out() -> None:
    assert spoken("#Person1#: Hi, #Person2#.\nGo on.") == "Hi, . Go on."


def test_a_fitted_curve_tells_right_from_wrong() -> None:
    likenesses = np.array([0.1, 0.2, 0.3, 0.8, 0.9, 0.25], dtype=np.float32)
    curve = fit(likenesses, np.array([False, False, False, True, True, True]))
    shares = curve.probabilities(likenesses)
    assert shares[0] < 0.3
    assert shares[4] > 0.7


def test_topics_beside_the_right_one_count_for_nothing() -> None:
    labels = [TopicLabel(one, "", "") for one in ("Sports", "Sports>Golf", "Science")]
    likenesses = np.array([[0.1, 0.9, 0.2]], dtype=np.float32)
    found, right = pairs(likenesses, [TopicCase("", ("Sports>Golf",))], labels)
    assert np.allclose(found, [0.9, 0.2])
    assert right.tolist() == [True, False]
