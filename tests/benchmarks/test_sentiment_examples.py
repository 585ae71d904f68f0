from pathlib import Path

import pytest

from benchmarks.sentiment_examples import (
    OWN_WORDS,
    Example,
    example_of_valence,
    read_own,
    read_words,
    spelled_out,
    weights_of,
    without_copies,
)
from earshot.understanding.sentiment_head import FEELINGS
from earshot.understanding.valence import words_of_feeling


@pytest.mark.parametrize(
    ("valence", "feeling"),
    [(-3, "NEGATIVE"), (-0.6, "NEGATIVE"), (-0.4, "NEUTRAL"), (0, "NEUTRAL"), (0.6, "POSITIVE")],
)
def test_a_rating_is_a_feeling_and_less_certain_near_the_bound(
    valence: float, feeling: str
) -> None:
    example = example_of_valence("text", "set", valence)
    assert FEELINGS[example.feeling] == feeling
    assert sum(example.target) == pytest.approx(1)
    assert (max(example.target) > 0.9) == (abs(valence) > 1)


def test_a_line_stands_for_every_text_with_one_of_its_alternatives() -> None:
    texts = list(spelled_out("It is {good|so good|}{.|, really!}"))
    assert texts == [
        *("It is good.", "It is good, really!"),
        *("It is so good.", "It is so good, really!"),
        *("It is.", "It is, really!"),
    ]


def test_lines_are_always_drawn_alike_and_have_all_feelings(tmp_path: Path) -> None:
    (tmp_path / "lines").write_text("# a comment\nP I {like|love} it\nO It is {blue|red}\n")
    examples = read_own(tmp_path / "lines")
    assert sorted(one.text for one in examples) == [
        *("I like it", "I love it", "It is blue", "It is red"),
    ]
    assert read_own() == read_own()
    assert {one.feeling for one in read_own()} == {0, 1, 2}


def test_every_word_of_feeling_is_an_example() -> None:
    alone = {one.text: one.feeling for one in read_words() if one.text in words_of_feeling()}
    assert alone["wonderful"] == FEELINGS.index("POSITIVE")
    assert alone["terrible"] == FEELINGS.index("NEGATIVE")
    assert {one.domain for one in read_words()} == {OWN_WORDS}


def test_what_repeats_a_sentence_that_is_judged_is_left_out() -> None:
    target = (0.0, 1.0, 0.0)
    copied = Example("So: one two three four five six seven!", "a", target)
    short = Example("Good film.", "a", target)
    other = Example("One two three four and quite another end", "a", target)
    judged = ["one two three four five six seven eight", "good film"]
    assert without_copies([copied, short, other], judged) == [other]


def test_domains_weigh_the_same_and_rare_feelings_more() -> None:
    good, bad = (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)
    examples = [Example("", "large", good)] * 6 + [Example("", "large", bad)] * 2
    examples += [Example("", "small", good)] * 2
    for balance in (0.5, 1):
        weights = weights_of(examples, balance)
        assert weights[:8].sum() == pytest.approx(weights[8:].sum())
        assert weights[6] > weights[0]
    weights = weights_of(examples, 1)
    assert weights[:6].sum() == pytest.approx(weights[6:8].sum())
