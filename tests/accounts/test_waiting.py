from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from earshot.accounts.limits import NO_LIMITS, ProjectLimits
from earshot.accounts.waiting import must_wait, release_waiting
from earshot.errors import StorageFull
from earshot.storage.projects import (
    insert_project_if_absent,
    mark_project_deleted,
    set_project_limits,
)
from earshot.storage.transcripts import (
    NewTranscript,
    fail_transcript,
    insert_transcript,
    list_under_way,
)
from earshot.testing import NOON
from earshot.transcript.options import TranscriptOptions

TWO = ProjectLimits(concurrent_transcripts=2)


@pytest.fixture(autouse=True)
def _project(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        insert_project_if_absent(conn, "p", "law", NOON)
        set_project_limits(conn, "p", TWO.dump())


def submit(engine: sa.Engine, number: int, limits: ProjectLimits = TWO) -> bool:
    with engine.begin() as conn:
        held = must_wait(conn, "p", limits)
        new = NewTranscript(
            id=str(number),
            project_id="p",
            audio_url="https://example.com/a.mp3",
            request={},
            options=TranscriptOptions(),
            created_at=NOON,
            held=held,
        )
        insert_transcript(conn, new)
    return held


def test_what_comes_over_the_limit_waits_and_nobody_overtakes_it(engine: sa.Engine) -> None:
    assert [submit(engine, number) for number in range(4)] == [False, False, True, True]
    submitted: list[tuple[str, str]] = []

    def note(conn: sa.Connection, job_id: str, project_id: str) -> None:
        assert conn.in_transaction()
        submitted.append((job_id, project_id))

    assert release_waiting(engine, note) == 0
    with engine.begin() as conn:
        fail_transcript(conn, "0", "x", NOON, code="x")
    assert submit(engine, 4)
    assert release_waiting(engine, note) == 1
    assert submitted == [("2", "p")]


def test_a_limit_that_is_taken_away_holds_nobody(engine: sa.Engine) -> None:
    for number in range(4):
        submit(engine, number)
    with engine.begin() as conn:
        set_project_limits(conn, "p", None)
        assert not must_wait(conn, "p", NO_LIMITS)
    assert release_waiting(engine, lambda *_: None) == 2


def test_a_job_that_cannot_be_submitted_is_not_released(engine: sa.Engine) -> None:
    for number in range(3):
        submit(engine, number)
    with engine.begin() as conn:
        fail_transcript(conn, "0", "x", NOON, code="x")

    def fail(*_: object) -> None:
        raise StorageFull

    with pytest.raises(StorageFull):
        release_waiting(engine, fail)
    assert release_waiting(engine, lambda *_: None) == 1


def test_of_many_at_once_no_more_run_than_may(engine: sa.Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        held = list(pool.map(lambda number: submit(engine, number), range(24)))
        assert held.count(False) == 2
        released = pool.map(lambda _: release_waiting(engine, lambda *_: None), range(8))
        assert sum(released) == 0
    with engine.begin() as conn:
        for transcript_id in list_under_way(conn):
            fail_transcript(conn, transcript_id, "x", NOON, code="x")
    with ThreadPoolExecutor(8) as pool:
        released = pool.map(lambda _: release_waiting(engine, lambda *_: None), range(8))
        assert sum(released) == 2


def test_what_waits_in_a_project_that_is_deleted_is_not_begun(engine: sa.Engine) -> None:
    for number in range(4):
        submit(engine, number)
    with engine.begin() as conn:
        mark_project_deleted(conn, "p", NOON)
    assert release_waiting(engine, lambda *_: None) == 0
