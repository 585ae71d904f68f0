from datetime import timedelta

import pytest
import sqlalchemy as sa

from earshot.accounts.projects import ensure_project
from earshot.storage.lemur import (
    NewLemurRequest,
    delete_lemur_requests,
    find_lemur_answer,
    forget_lemur_of_project,
    forget_lemur_of_transcript,
    hold_lemur_requests,
    hold_lemur_sources,
    insert_lemur_request,
    purge_lemur_request,
    save_lemur_answer,
)
from earshot.storage.schema import lemur_requests, lemur_sources, transcripts
from earshot.storage.transcripts import NewTranscript, insert_transcript
from earshot.transcript.clock import utc_now
from earshot.transcript.options import TranscriptOptions

NOW = utc_now()
ANSWER = {"request_id": "r", "response": "Smoke."}


def project(conn: sa.Connection, name: str = "law") -> str:
    return ensure_project(conn, name, NOW).id


def asked(conn: sa.Connection, project_id: str, request_id: str, *transcript_ids: str) -> None:
    new = NewLemurRequest(request_id, project_id, "k", NOW, transcript_ids)
    insert_lemur_request(conn, new)


def answered(conn: sa.Connection, project_id: str, request_id: str, *transcript_ids: str) -> None:
    asked(conn, project_id, request_id, *transcript_ids)
    assert save_lemur_answer(conn, request_id, ANSWER)


def test_an_answer_is_there_for_its_project_alone(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        law, press = project(conn), project(conn, "press")
        answered(conn, law, "r", "t")
        assert find_lemur_answer(conn, "r", law) == ANSWER
        assert find_lemur_answer(conn, "r", press) is None
        assert not purge_lemur_request(conn, "r", press, NOW)
        assert purge_lemur_request(conn, "r", law, NOW)
        assert find_lemur_answer(conn, "r", law) is None
        assert not purge_lemur_request(conn, "r", law, NOW)


@pytest.mark.parametrize("lost", ["t", "u"])
def test_an_answer_goes_with_any_of_its_transcripts(engine: sa.Engine, lost: str) -> None:
    with engine.begin() as conn:
        law = project(conn)
        answered(conn, law, "r", "t", "u", "t")
        answered(conn, law, "other", "v")
        assert forget_lemur_of_transcript(conn, lost, NOW) == 1
        assert find_lemur_answer(conn, "r", law) is None
        assert find_lemur_answer(conn, "other", law) == ANSWER


def test_what_is_answered_after_its_transcript_was_deleted_is_not_kept(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        law = project(conn)
        asked(conn, law, "r", "t")
        forget_lemur_of_transcript(conn, "t", NOW)
        assert not save_lemur_answer(conn, "r", ANSWER)
        assert find_lemur_answer(conn, "r", law) is None


def test_of_sources_that_are_there_none_is_deleted(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        for number in ("t", "u"):
            new = NewTranscript(
                id=number,
                project_id=project(conn),
                audio_url="http://here/audio",
                request={},
                options=TranscriptOptions(),
                created_at=NOW,
            )
            insert_transcript(conn, new)
        assert hold_lemur_sources(conn, ["t", "u"])
        assert hold_lemur_sources(conn, [])
        conn.execute(transcripts.update().where(transcripts.c.id == "u").values(deleted_at=NOW))
        assert not hold_lemur_sources(conn, ["t", "u"])


def test_all_answers_of_a_project_can_be_forgotten(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        law, press = project(conn), project(conn, "press")
        answered(conn, law, "r")
        answered(conn, press, "p")
        assert forget_lemur_of_project(conn, law, NOW) == 1
        assert find_lemur_answer(conn, "r", law) is None
        assert find_lemur_answer(conn, "p", press) == ANSWER


def test_requests_are_counted_even_after_their_answers_were_purged(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        law = project(conn)
        answered(conn, law, "r")
        purge_lemur_request(conn, "r", law, NOW)
        assert hold_lemur_requests(conn, law, NOW - timedelta(minutes=1)) == [NOW]
        assert hold_lemur_requests(conn, law, NOW) == []
        assert hold_lemur_requests(conn, project(conn, "press"), NOW - timedelta(minutes=1)) == []


def test_rows_go_when_they_are_of_no_use(engine: sa.Engine) -> None:
    later = NOW + timedelta(seconds=1)
    with engine.begin() as conn:
        law = project(conn)
        answered(conn, law, "kept", "t")
        asked(conn, law, "failed", "t")
        assert delete_lemur_requests(conn, emptied_before=NOW, answered_before=None) == 0
        assert delete_lemur_requests(conn, emptied_before=later, answered_before=None) == 1
        assert delete_lemur_requests(conn, emptied_before=later, answered_before=later) == 1
        assert conn.scalar(sa.select(sa.func.count()).select_from(lemur_requests)) == 0
        assert conn.scalar(sa.select(sa.func.count()).select_from(lemur_sources)) == 0
