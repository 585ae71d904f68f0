import pytest

from earshot.formatting.written_forms.forms import Style
from earshot.formatting.written_forms.measures import write_measure
from earshot.formatting.written_forms.spoken import Spoken
from earshot.transcript.words import Word


def say(text: str) -> Spoken:
    return Spoken(
        [Word(token, i * 300, i * 300 + 250, 0.9) for i, token in enumerate(text.split())]
    )


def write(text: str, style: Style = Style.PROSE, *, at: int = 0) -> str | None:
    forms = write_measure(say(text), at, style)
    return " ".join(form.text for form in forms) if forms else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("eighteen point one square kilometers", "18.1 km\u00b2"),
        ("thirty one thousand four hundred eighty square feet", "31480 sq ft"),
        ("two kilo watt hours", "2 kWh"),
        ("forty two per square meter", "42 /m\u00b2"),
        ("twenty eight kilograms force per square centimeter", "28 kgf/cm\u00b2"),
        ("point two meters", ".2 m"),
        ("eight million feet", "8 million ft"),
        ("forty second", None),
        ("forty dogs", None),
    ],
)
def test_by_itself_a_measure_has_symbols(text: str, expected: str | None) -> None:
    assert write(text, Style.VALUE) == expected


def test_prose_keeps_units_but_of_speeds() -> None:
    assert write("two miles per hour") == "2 mph"
    assert write("eighteen feet") is None
