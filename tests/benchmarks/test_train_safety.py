import numpy as np

from benchmarks.train_safety import SENTENCES, TOPIC_LABELS, read_own, read_topics, regress
from earshot.understanding.encoder import ENCODER_SIZE
from earshot.understanding.safety_labels import KINDS, LABELS
from earshot.understanding.topic_labels import load_topic_labels


def test_marks_of_sentences_are_labels_and_grades_go_with_severity() -> None:
    graded = {kind.label for kind in KINDS if kind.has_severity}
    for one in read_own():
        assert one.labels.keys() | one.left_open <= set(LABELS), one.text
        assert not one.labels.keys() & one.left_open
        for label, grade in one.labels.items():
            assert (grade is not None) == (label in graded), one.text


def test_no_sentence_is_one_of_the_passages_to_judge_by() -> None:
    passages = SENTENCES.with_name("safety_passages.tsv").read_text(encoding="utf-8")
    for one in read_own():
        assert one.text not in passages


def test_labels_of_topics_exist() -> None:
    assert TOPIC_LABELS.keys() <= {label.label for label in load_topic_labels()}
    examples = list(read_topics())
    assert any("alcohol" in one.labels for one in examples)
    for one in examples:
        assert one.labels.keys() | one.left_open <= set(LABELS)


def test_a_regression_tells_the_two_kinds_apart() -> None:
    chance = np.random.default_rng(1)
    vectors = chance.normal(0, 0.05, (60, ENCODER_SIZE)).astype(np.float32)
    is_there = np.arange(60) < 20
    vectors[is_there, 0] += 1
    weights = regress(vectors, is_there)
    assert ((vectors @ weights[:-1] + weights[-1] > 0) == is_there).all()
