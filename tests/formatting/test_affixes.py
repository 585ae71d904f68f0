import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.formatting.affixes import split_affixes


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("word", ("", "word", "")),
        ('"Well,', ('"', "Well", ",")),
        ("(done.)", ("(", "done", ".)")),
        ("don't", ("", "don't", "")),
        ("'em", ("", "'em", "")),
        ("'quoted'", ("'", "quoted", "'")),
        ("-5%,", ("", "-5%", ",")),
        ("-$5", ("", "-$5", "")),
        (".5", ("", ".5", "")),
        ("-.5", ("", "-.5", "")),
        ("-word", ("-", "word", "")),
        ("$5.", ("", "$5", ".")),
        ("...", ("...", "", "")),
        ("", ("", "", "")),
    ],
)
def test_marks_are_told_from_the_word(text: str, parts: tuple[str, str, str]) -> None:
    assert split_affixes(text) == parts


@given(st.text(alphabet="aZ5.,-'\"$%?!()\u2014\u2026\u201d", max_size=12))
def test_the_parts_make_up_the_text_again(text: str) -> None:
    assert split_affixes(text).text == text
