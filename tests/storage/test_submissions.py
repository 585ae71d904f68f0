from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from earshot.storage.projects import insert_project_if_absent
from earshot.storage.submissions import (
    SubmissionRow,
    claim_submission,
    delete_project_submissions,
    delete_submissions,
    find_submission,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FIRST = SubmissionRow("p", "key", "body", "1", False, NOON)


@pytest.fixture(autouse=True)
def _project(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        insert_project_if_absent(conn, "p", "law", NOON)


def test_a_key_is_claimed_once_a_day(engine: sa.Engine) -> None:
    second = replace(FIRST, transcript_id="2", created_at=NOON + DAY)
    with engine.begin() as conn:
        assert claim_submission(conn, FIRST, NOON - DAY) == FIRST
        assert claim_submission(conn, second, NOON) == FIRST
        late = replace(second, created_at=NOON + DAY)
        assert claim_submission(conn, late, NOON + timedelta(seconds=1)) == late


def test_a_key_is_found_for_as_long_as_it_is_claimed(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        assert find_submission(conn, "p", "key", NOON - DAY) is None
        claim_submission(conn, FIRST, NOON - DAY)
        assert find_submission(conn, "p", "key", NOON) == FIRST
        assert find_submission(conn, "p", "key", NOON + timedelta(seconds=1)) is None
        assert find_submission(conn, "q", "key", NOON) is None


@pytest.mark.parametrize(
    "forget",
    [
        lambda conn: delete_submissions(conn, NOON + DAY),
        lambda conn: delete_project_submissions(conn, "p"),
    ],
)
def test_what_is_forgotten_can_be_claimed_anew(
    engine: sa.Engine, forget: Callable[[sa.Connection], None]
) -> None:
    second = replace(FIRST, transcript_id="2")
    with engine.begin() as conn:
        claim_submission(conn, FIRST, NOON - DAY)
        delete_submissions(conn, NOON)
        assert claim_submission(conn, second, NOON - DAY) == FIRST
        forget(conn)
        assert claim_submission(conn, second, NOON - DAY) == second


def test_of_many_that_claim_a_key_at_once_all_get_the_same(engine: sa.Engine) -> None:
    def claim(number: int) -> str:
        with engine.begin() as conn:
            row = replace(FIRST, transcript_id=str(number))
            return claim_submission(conn, row, NOON - DAY).transcript_id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(claim, range(40)))) == 1
