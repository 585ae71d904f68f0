import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.formatting.cardinals import spell_cardinal
from earshot.formatting.written_forms.compounds import write_compound


@given(st.integers(10, 99))
def test_every_age_from_ten_on_is_in_digits(age: int) -> None:
    assert write_compound("-".join([*spell_cardinal(age), "year", "old"])) == f"{age}-year-old"


@pytest.mark.parametrize(
    "text", ["two-year-old", "five-thick", "well-known", "twenty", "twenty-", "twenty-one", "-", ""]
)
def test_other_compounds_stay(text: str) -> None:
    assert write_compound(text) == text
