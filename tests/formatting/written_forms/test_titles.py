import pytest

from earshot.formatting.written_forms.forms import Style
from earshot.formatting.written_forms.spoken import Spoken
from earshot.formatting.written_forms.titles import write_name, write_title
from earshot.transcript.words import Word


def say(text: str) -> Spoken:
    return Spoken(
        [Word(token, i * 300, i * 300 + 250, 0.9) for i, token in enumerate(text.split())]
    )


def write(text: str, style: Style = Style.PROSE, *, at: int = 0) -> str | None:
    forms = write_title(say(text), at, style)
    return " ".join(form.text for form in forms) if forms else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mister jones", "mr."),
        ("mister Jones", "Mr."),
        ("Doctor Brown", "Dr."),
        ("doctor said", None),
        ("Doctor said", None),
        ("misses smith", None),
        ("Mister.", None),
        ("Mister", None),
    ],
)
def test_a_title_in_prose_is_short_before_a_name(text: str, expected: str | None) -> None:
    assert write(text) == expected


def test_by_itself_a_title_and_one_word_are_a_name() -> None:
    assert write("misses smith", Style.VALUE) == "mrs. smith"


def test_names_with_figures_have_a_word_for_each_part() -> None:
    forms = write_name(say("S and P five hundred"), 0, Style.PROSE)
    assert forms == (("S&P", 3), ("500", 5))
    assert write_name(say("cat five e"), 0, Style.PROSE) == (("CAT5e", 3),)
    assert write_name(say("seven eleven"), 0, Style.PROSE) is None
