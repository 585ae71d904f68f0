from hypothesis import given
from hypothesis import strategies as st

from earshot.understanding.subjects import MAX_UNITS, divide_by_subject

SMOKE = [
    "Smoke from the wildfires lowers air quality.",
    "Wildfires and smoke, bad air quality.",
] * 4
FOOD = ["The restaurant serves noodles and soup.", "Soup with noodles in the restaurant!"] * 4


def test_a_talk_is_divided_where_its_words_change() -> None:
    assert divide_by_subject([*SMOKE, *FOOD]) == [range(8), range(8, 16)]


def test_one_subject_is_one_stretch() -> None:
    assert divide_by_subject(SMOKE) == [range(8)]


def test_no_stretch_but_the_last_is_shorter_than_asked_for() -> None:
    texts = [*SMOKE, *FOOD[:2], *SMOKE]
    lengths = [len(stretch) for stretch in divide_by_subject(texts, min_texts=4)]
    assert sum(lengths) == len(texts)
    assert all(length >= 4 for length in lengths[:-1])


def test_nothing_and_silence_are_no_error() -> None:
    assert divide_by_subject([]) == []
    assert divide_by_subject(["Um.", "", "Yes."]) == [range(3)]


def test_a_talk_of_hours_is_divided_too() -> None:
    texts = (SMOKE * (MAX_UNITS // 8)) + (FOOD * (MAX_UNITS // 8))
    stretches = divide_by_subject(texts)
    assert len(texts) > MAX_UNITS
    assert stretches[-1].stop == len(texts)
    assert any(abs(stretch.start - len(texts) // 2) <= 8 for stretch in stretches[1:])


@given(st.lists(st.sampled_from([*SMOKE[:2], *FOOD[:2], "Yes.", "Cheese?"]), max_size=40))
def test_every_text_is_in_exactly_one_stretch(texts: list[str]) -> None:
    covered = [index for stretch in divide_by_subject(texts) for index in stretch]
    assert covered == list(range(len(texts)))
