from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from earshot.storage.database import open_database, upgrade_schema
from earshot.storage.held_transcripts import (
    hold_project_count,
    projects_with_held,
    release_transcripts,
)
from earshot.storage.projects import insert_project_if_absent
from earshot.storage.transcripts import (
    NewTranscript,
    begin_transcript,
    fail_transcript,
    find_transcript,
    insert_transcript,
    list_under_way,
)
from earshot.testing import NOON
from earshot.transcript.options import TranscriptOptions
from tests.lock_waits import is_somebody_waiting
from tests.processes import until


@pytest.fixture
def project(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        insert_project_if_absent(conn, "p", "law", NOON)


def add(conn: sa.Connection, transcript_id: str, *, held: bool) -> None:
    new = NewTranscript(
        id=transcript_id,
        project_id="p",
        audio_url="https://example.com/a.mp3",
        request={},
        options=TranscriptOptions(),
        created_at=NOON,
        throttled=held,
        held=held,
    )
    insert_transcript(conn, new)


@pytest.mark.usefixtures("project")
def test_the_oldest_are_released_as_far_as_there_is_room(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        add(conn, "running", held=False)
        for number in range(3):
            add(conn, f"held-{number}", held=True)
        assert hold_project_count(conn, "p") == 4
        assert list_under_way(conn) == ["running"]
        assert projects_with_held(conn) == ["p"]
        assert release_transcripts(conn, "p", 1) == []
        assert release_transcripts(conn, "p", 2) == ["held-0"]
        assert release_transcripts(conn, "p", 2) == []
        begin_transcript(conn, "running", NOON)
        fail_transcript(conn, "running", "x", NOON, code="x")
        assert release_transcripts(conn, "p", 2) == ["held-1"]
        assert release_transcripts(conn, "p", None) == ["held-2"]
        assert projects_with_held(conn) == []
        row = find_transcript(conn, "held-2")
    assert row is not None
    assert not row.held


@pytest.mark.usefixtures("project")
def test_what_was_cancelled_while_it_was_held_is_not_released(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        add(conn, "held", held=True)
        fail_transcript(conn, "held", "Cancelled", NOON, code="job_cancelled")
        assert projects_with_held(conn) == []
        assert release_transcripts(conn, "p", None) == []


@pytest.mark.slow
def test_what_is_cancelled_while_it_is_released_is_not_released(postgres_url: str) -> None:
    engine = open_database(postgres_url)
    upgrade_schema(engine)
    with engine.begin() as conn:
        insert_project_if_absent(conn, "p", "law", NOON)
        add(conn, "held", held=True)

    def release() -> list[str]:
        with engine.begin() as conn:
            return release_transcripts(conn, "p", None)

    with ThreadPoolExecutor() as pool:
        with engine.begin() as conn:
            fail_transcript(conn, "held", "Cancelled", NOON, code="job_cancelled")
            releasing = pool.submit(release)
            until(lambda: is_somebody_waiting(engine), "the release waits for the cancellation")
        assert releasing.result() == []
    engine.dispose()
