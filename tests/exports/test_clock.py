from earshot.exports.clock import read_time


def test_hours_are_told_from_the_first_on() -> None:
    assert read_time(0) == "00:00"
    assert read_time(3_599_999) == "59:59"
    assert read_time(3_600_000) == "1:00:00"
