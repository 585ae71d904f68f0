from hypothesis import given
from hypothesis import strategies as st

from earshot.evaluation.differences import Difference, find_differences
from earshot.evaluation.scoring import normalise

texts = st.lists(st.sampled_from(["one", "cat", "sat", "down", "here"]), max_size=8).map(" ".join)


def test_each_kind_of_difference_is_shown_where_it_is() -> None:
    assert find_differences("the cat sat down low", "a cat down low here", is_english=True) == [
        Difference("substitute", "the", "a"),
        Difference("equal", "cat", "cat"),
        Difference("delete", "sat", ""),
        Difference("equal", "down low", "down low"),
        Difference("insert", "", "here"),
    ]


@given(texts, texts)
def test_the_runs_put_together_are_the_two_texts(reference: str, hypothesis: str) -> None:
    runs = find_differences(reference, hypothesis, is_english=True)
    assert " ".join(run.said for run in runs if run.said) == normalise(reference)
    assert " ".join(run.heard for run in runs if run.heard) == normalise(hypothesis)
