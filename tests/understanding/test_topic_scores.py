import numpy as np
import pytest

from earshot.transcript.findings import Topic
from earshot.understanding.topic_scores import most_relevant, topics_of_whole

NAMES = ["a", "b", "c"]


def test_the_most_relevant_come_first() -> None:
    found = most_relevant(NAMES, np.array([0.2, 0.9, 0.5], dtype=np.float32), 2)
    assert [topic.label for topic in found] == ["b", "c"]


def test_long_sections_weigh_more_and_the_first_topic_of_the_whole_has_one() -> None:
    relevances = np.array([[0.8, 0.1, 0], [0.1, 0.6, 0]], dtype=np.float32)
    found = topics_of_whole(NAMES, relevances, np.array([10, 100], dtype=np.float32), 3)
    assert found[0] == Topic("b", 1.0)
    assert found[1].relevance == pytest.approx(18 / 61)
    assert found[2].relevance == 0


def test_of_nothing_there_is_no_topic() -> None:
    empty = np.zeros((0, 3), dtype=np.float32)
    assert topics_of_whole(NAMES, empty, np.zeros(0, dtype=np.float32), 3) == ()
    zeros = np.zeros((1, 3), dtype=np.float32)
    whole = topics_of_whole(NAMES, zeros, np.ones(1, dtype=np.float32), 1)
    assert whole == (Topic("a", 0.0),)
