from datetime import UTC, datetime

from earshot.transcript.clock import utc_now


def test_now_knows_that_it_is_utc() -> None:
    assert utc_now().tzinfo is UTC


def test_now_lies_between_two_readings_of_the_system_clock() -> None:
    before = datetime.now(UTC)
    assert before <= utc_now() <= datetime.now(UTC)
