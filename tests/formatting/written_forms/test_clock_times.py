import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.formatting.cardinals import spell_cardinal
from earshot.formatting.written_forms.clock_times import write_clock_time
from earshot.formatting.written_forms.forms import Style
from earshot.formatting.written_forms.spoken import Spoken
from earshot.transcript.words import Word


def say(text: str) -> Spoken:
    return Spoken(
        [Word(token, i * 300, i * 300 + 250, 0.9) for i, token in enumerate(text.split())]
    )


def write(text: str, style: Style = Style.PROSE, *, at: int = 0) -> str | None:
    forms = write_clock_time(say(text), at, style)
    return " ".join(form.text for form in forms) if forms else None


def spell_minutes(minute: int) -> list[str]:
    return (["oh"] if minute < 10 else []) + spell_cardinal(minute)


@given(st.integers(1, 12), st.integers(1, 59), st.sampled_from(["a m", "p m"]))
def test_every_time_that_is_spelled_out_reads_back(hour: int, minute: int, half: str) -> None:
    text = " ".join([*spell_cardinal(hour), *spell_minutes(minute), half])
    suffix = f"{half[0]}.m."
    assert write(text) == f"{hour}:{minute:02} {suffix}"
    assert write(text, Style.VALUE) == f"{hour:02}:{minute:02} {suffix}"


@given(st.integers(1, 12), st.integers(1, 29))
def test_minutes_to_and_past_an_hour_are_that_far_from_it(hour: int, minute: int) -> None:
    words = " ".join(spell_cardinal(minute))
    past = write(f"{words} past {spell_cardinal(hour)[0]}", Style.VALUE)
    to = write(f"{words} to {spell_cardinal(hour)[0]}", Style.VALUE)
    assert past is not None
    assert to is not None
    assert past == f"{hour:02}:{minute:02}"
    before = int(to[:2]) % 12 * 60 + int(to[3:])
    assert (before + minute) % 720 == hour % 12 * 60


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("half past one", "01:30"),
        ("quarter to one", "12:45"),
        ("eight o'clock", "08:00"),
        ("eight oclock g m t", "08:00 gmt"),  # codespell:ignore oclock
        ("two P M", "02:00 P.M."),
        ("eight", None),
        ("thirteen fifty", None),
        ("eight sixty", None),
    ],
)
def test_a_time_by_itself_has_four_digits(text: str, expected: str | None) -> None:
    assert write(text, Style.VALUE) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at eight thirty", "8:30"),
        ("at eight thirty on monday", "8:30"),
        ("at eight thirty five people", None),
        ("at one twenty three main street", None),
        ("sold at eight thirty", None),
        ("about eight thirty", None),
        ("at eleven forty six AM", "11:46 AM"),
        ("at 8", None),
    ],
)
def test_in_prose_two_numbers_are_a_time_only_where_nothing_else_fits(
    text: str, expected: str | None
) -> None:
    at = text.split().index("at" if " at " in f" {text}" else "about") + 1
    assert write(text, at=at) == expected
