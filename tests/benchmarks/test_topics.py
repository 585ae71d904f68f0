import pytest

from benchmarks.topics import (
    HARMLESS,
    SAFETY_PASSAGES,
    figures,
    flag_swearing,
    flags_with,
    passage_rows,
    topic_cases,
)
from earshot.understanding.features.content_safety import SafetyFeature
from earshot.understanding.safety_labels import LABELS
from earshot.understanding.stems import content_stems
from earshot.understanding.topic_labels import load_topic_labels, plain_words


def test_no_passage_on_a_topic_has_the_words_of_its_label() -> None:
    labels = {label.label for label in load_topic_labels()}
    cases = topic_cases()
    assert len(cases) == 60
    for case in cases:
        (label,) = case.labels
        assert label in labels
        words = " ".join(plain_words(tier) for tier in label.split(">"))
        assert not set(content_stems(words)) & set(content_stems(case.text)), label


def test_every_label_of_sensitive_content_has_ten_passages() -> None:
    rows = passage_rows()
    for label in LABELS:
        assert sum(label in sure for sure, _, _ in rows) == 10
    assert sum(not sure for sure, _, _ in rows) == 40
    assert SAFETY_PASSAGES.read_text(encoding="utf-8").count(f"\n{HARMLESS}\t") == 40


def test_precision_recall_and_f1() -> None:
    found = figures([True, True, False], [True, False, False])
    assert found == pytest.approx((1, 0.5, 2 / 3))
    assert figures([False], [False]) == (0, 0, 0)


def test_ways_flag_labels() -> None:
    assert flag_swearing("Damn, you retards.") == {"profanity", "hate_speech"}
    assert flag_swearing("Fine.") == frozenset()
    assert flags_with(SafetyFeature(None))("A pint of lager and some whiskey.") == {"alcohol"}
