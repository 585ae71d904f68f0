import pytest

from earshot.formatting.written_forms.spoken import Spoken
from earshot.formatting.written_forms.units import SYMBOLS, Unit, read_unit
from earshot.transcript.words import Word


def say(text: str) -> Spoken:
    return Spoken(
        [Word(token, i * 300, i * 300 + 250, 0.9) for i, token in enumerate(text.split())]
    )


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("megawatts", "MW"),
        ("milli watt", "mW"),
        ("gigabytes", "GB"),
        ("gigabits", "Gb"),
        ("cubic deci meters", "dm\u00b3"),
        ("square miles", "sq mi"),
        ("kilometers per hour", "km/h"),
        ("c c", "cc"),
        ("feet", "ft"),
    ],
)
def test_a_unit_is_read_to_its_end(text: str, symbol: str) -> None:
    assert read_unit(say(text), 0) == Unit(symbol, len(text.split()))


def test_no_two_units_that_differ_in_size_share_a_symbol() -> None:
    for scale in ("kilo", "mega", "giga", "milli", "micro", "nano"):
        for unit in ("watt", "byte", "bit", "volt", "meter"):
            others = {name for name, symbol in SYMBOLS.items() if symbol == SYMBOLS[scale + unit]}
            assert {name.replace(" ", "").replace("metre", "meter") for name in others} == {
                scale + unit
            }


@pytest.mark.parametrize("text", ["dogs", "square dogs", "per dog", "square"])
def test_what_is_no_unit_is_not_read(text: str) -> None:
    assert read_unit(say(text), 0) is None
