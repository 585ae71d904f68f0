from pathlib import Path

from benchmarks.datasets import Clip
from benchmarks.vocabulary import (
    WITHOUT,
    Heard,
    cost_table,
    count_rare_and_others,
    rare_words,
    recall_table,
    terms_for,
)
from earshot.evaluation.scoring import ErrorCounts

COMMON = frozenset({"the", "of", "best", "times"})


def clip(row: int, reference: str) -> Clip:
    return Clip(row, f"{row}.flac", "set", Path(f"{row}.flac"), 1.0, reference)


def test_rare_words_are_those_that_are_not_common_as_they_are_written() -> None:
    assert rare_words("The Epoch of the best lobsters, 12.", COMMON) == {
        "epoch": "Epoch",
        "lobsters": "lobsters",
    }


def test_terms_are_the_clip_s_own_and_others_that_are_not_said_in_it() -> None:
    rare = {0: {"epoch": "Epoch"}, 1: {"lobster": "lobster", "bisque": "bisque"}}
    said = clip(0, "the epoch of the bisque")
    assert set(terms_for(said, rare, n_distractors=5)) == {"Epoch", "lobster"}
    assert terms_for(said, rare, n_distractors=5) == terms_for(said, rare, n_distractors=5)


def test_errors_in_rare_words_are_apart_from_those_in_the_others() -> None:
    said = "the lobster of the best times is here"
    heard = count_rare_and_others(3, said, "the mobster of the times is hear now", ["lobster"])
    rare = ErrorCounts(1, deletions=1)
    assert heard == Heard(3, rare, ErrorCounts(7, substitutions=1, deletions=1, insertions=1))


def test_the_share_of_misses_that_are_recovered_is_told_for_each_half() -> None:
    others = ErrorCounts(100, substitutions=10)
    without = [Heard(row, ErrorCounts(10, deletions=4), others) for row in (0, 1)]
    better = [Heard(row, ErrorCounts(10, deletions=4 - row), others) for row in (0, 1)]
    rows = recall_table({WITHOUT: without, "default": better}).rows
    assert [row[3] for row in rows] == ["0", "0", "0", "25"]
    assert rows[3][2].startswith("70.0 ")


def test_cost_is_told_against_no_terms() -> None:
    heard = [Heard(0, ErrorCounts(), ErrorCounts(100, substitutions=2))]
    worse = [Heard(0, ErrorCounts(), ErrorCounts(100, substitutions=3))]
    rows = cost_table({0: (2.0, heard), 100: (2.1, worse)}).rows
    assert rows[1] == ("100 terms", "2.1", "+5.0", "3.00", "+1.00")
