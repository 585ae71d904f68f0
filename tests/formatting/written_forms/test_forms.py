from earshot.formatting.written_forms.forms import Form, longest


def test_the_reading_that_reaches_furthest_wins_and_the_first_of_equals() -> None:
    short, far, other = (Form("20", 1),), (Form("$20", 1), Form("million", 3)), (Form("x", 3),)
    assert longest([None, short, far, other]) == far


def test_nothing_read_is_nothing() -> None:
    assert longest([None, None]) is None
