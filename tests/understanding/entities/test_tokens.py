"""Words taken apart."""

from earshot.understanding.entities.tokens import split_tokens
from tests.understanding.saying import say


def test_marks_around_a_word_are_no_part_of_its_key() -> None:
    (token,) = split_tokens(say('("Hello,")'))
    assert (token.lead, token.key, token.trail) == ('("', "hello", ',")')


def test_a_number_with_hyphens_is_its_parts_in_the_same_word() -> None:
    tokens = split_tokens(say("twenty-five."))
    assert [token.key for token in tokens] == ["twenty", "five"]
    assert {token.span for token in tokens} == {(0, 1)}
    assert tokens[-1].trail == "."


def test_so_is_an_ordinal() -> None:
    assert [token.key for token in split_tokens(say("twenty-fifth"))] == ["twenty", "fifth"]
    assert [token.key for token in split_tokens(say("one-third"))] == ["one-third"]


def test_other_hyphens_stay() -> None:
    assert [token.key for token in split_tokens(say("well-known 555-0100"))] == [
        "well-known",
        "555-0100",
    ]


def test_a_half_written_host_is_taken_apart_where_its_double_u_is() -> None:
    tokens = split_tokens(say("https://double u double u double u.example.com"))
    assert tokens[1].key == "double"
    assert tokens[1].glues_left
    assert [token.key for token in tokens[-2:]] == ["u", ".example.com"]
