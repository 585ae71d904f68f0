"""The caller's own words."""

from dataclasses import replace

import pytest

from earshot.transcript.options import OwnTerms
from earshot.understanding.redaction.own_terms import find_own_terms
from tests.understanding.saying import say


def found(text: str, *terms: str) -> list[int]:
    return sorted(find_own_terms(say(text), [OwnTerms("it", terms)]))


@pytest.mark.parametrize(
    ("term", "text", "indices"),
    [
        ("O'Brien", "so O\u2019Brien came", [1]),
        ("O'Brien", "so o'brien's dog", [1]),
        ("Blue Sky", "so blue-sky it is", [1]),
        ("Blue Sky", "so BlueSky it is", [1]),
        ("blue-sky", "so Blue Sky it is", [1, 2]),
        ("Blue Sky", "so blue um sky it is", [1, 3]),
        ("Jos\u00e9", "so Jose\u0301 and Jose came", [1, 3]),
        ("4242", "so four two four two it is", [1, 2, 3, 4]),
        ("four two four two", "so 4242 it is", [1]),
        ("room 42", "so room forty two it is", [1, 2, 3]),
        ("Acme", "the pre-acme days", [1]),
        ("sky", "the skyline", []),
        ("...", "so ... it is", []),
    ],
)
def test_a_term_is_found_however_it_is_said(term: str, text: str, indices: list[int]) -> None:
    assert found(text, term) == indices


def test_another_voice_in_between_hides_no_term() -> None:
    blue, well, sky = say("blue well sky")
    words = (replace(blue, channel=1), replace(well, channel=2), replace(sky, channel=1))
    assert find_own_terms(words, [OwnTerms("it", ("Blue Sky",))]) == {0: "it", 2: "it"}
    assert find_own_terms(words, ()) == {}
