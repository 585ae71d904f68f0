"""With a ledger in place of the queue; `integration/` and `cli/` have the real one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from typing_extensions import override

from earshot.accounts.keys import authenticate, create_key
from earshot.accounts.removal import ProjectRemoval
from earshot.accounts.tokens import Scope, TokenTerms, check_token, create_token
from earshot.accounts.usage import Product, UsageOwner, record_audio, report_usage
from earshot.errors import KeyInvalid, ProjectNotFound
from earshot.storage.api_keys import ApiKeyRow, NewApiKey, insert_api_key
from earshot.storage.database import open_database, reading, upgrade_schema
from earshot.storage.known_voices import KnownVoiceRow, insert_known_voice, list_known_voices
from earshot.storage.lemur import (
    NewLemurRequest,
    find_lemur_answer,
    insert_lemur_request,
    save_lemur_answer,
)
from earshot.storage.live_sessions import LiveSessionRow, find_live_session, insert_live_session
from earshot.storage.media import MediaStore, open_media_store
from earshot.storage.projects import (
    find_project,
    find_project_by_name,
    list_uncleared_projects,
    mark_project_deleted,
)
from earshot.storage.schema import access_tokens, submissions, transcript_results, uploads
from earshot.storage.submissions import SubmissionRow, claim_submission
from earshot.storage.transcripts import (
    NewTranscript,
    begin_transcript,
    complete_transcript,
    find_transcript,
    insert_transcript,
)
from earshot.storage.uploads import NewUpload, insert_upload
from earshot.storage.usage import UsageFilter
from earshot.testing import NOON
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.result import TranscriptResult
from earshot.transcript.status import TranscriptStatus
from earshot.transcript.words import Word
from tests.lock_waits import is_somebody_waiting
from tests.processes import until

VOICE = np.ones(4, dtype=np.float32)
RESULT = TranscriptResult(
    words=(Word("secret", 0, 400, 0.9),),
    utterances=None,
    duration_ms=1000,
    n_channels=None,
    language_code="en_us",
    engine="tiny",
)


@dataclass
class Ledger:
    """A queue that runs nothing and remembers what it was asked for."""

    cancelled: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)

    def cancel(self, job_id: str) -> None:
        self.cancelled.append(job_id)

    def forget(self, job_id: str) -> None:
        self.forgotten.append(job_id)


class BreakingLedger(Ledger):
    """One that is out of reach."""

    @override
    def forget(self, job_id: str) -> None:
        raise OSError(job_id)


@pytest.fixture
def media(tmp_path: Path) -> MediaStore:
    return open_media_store(str(tmp_path / "media"))


@pytest.fixture
def removal(engine: sa.Engine, media: MediaStore) -> ProjectRemoval:
    return ProjectRemoval(engine, media, Ledger(), lambda: NOON)


def make_key(engine: sa.Engine, project: str) -> tuple[str, ApiKeyRow]:
    with engine.begin() as conn:
        made = create_key(conn, "laptop", project, NOON)
    return made.secret, made.row


def submit(conn: sa.Connection, key: ApiKeyRow, transcript_id: str) -> None:
    new = NewTranscript(
        id=transcript_id,
        project_id=key.project_id,
        audio_url="https://example.com/secret.mp3",
        request={"audio_url": "https://example.com/secret.mp3"},
        options=TranscriptOptions(),
        created_at=NOON,
        key_id=key.id,
    )
    insert_transcript(conn, new)


def fill(engine: sa.Engine, media: MediaStore, key: ApiKeyRow) -> None:
    """One of everything that a project can have; ids begin with the project's name."""
    name, project_id = key.project_name, key.project_id
    media.put(f"uploads/{name}", [b"secret"])
    media.put(f"work/{name}-waiting/chunk", [b"secret"])
    media.put(f"redacted/{name}-done/audio.mp3", [b"secret"])
    with engine.begin() as conn:
        insert_upload(conn, NewUpload(name, project_id, f"uploads/{name}", 6, NOON))
        for one in ("done", "waiting"):
            submit(conn, key, f"{name}-{one}")
        begin_transcript(conn, f"{name}-done", NOON)
        complete_transcript(conn, f"{name}-done", RESULT, NOON)
        create_token(conn, key.id, TokenTerms(60), NOON)
        insert_known_voice(conn, KnownVoiceRow(project_id, "Maria", "e", VOICE, 9000, 1, NOON))
        session = LiveSessionRow(
            f"{name}-live", project_id, key.id, NOON, NOON, 5, 1000, webhook_body="secret"
        )
        insert_live_session(conn, session)
        for_text = NewLemurRequest(f"{name}-asked", project_id, key.id, NOON)
        insert_lemur_request(conn, for_text)
        save_lemur_answer(conn, for_text.id, {"response": "secret"})
        submitted = SubmissionRow(project_id, "key", "body", f"{name}-done", False, NOON)
        claim_submission(conn, submitted, NOON)
        owner = UsageOwner(project_id, key.id)
        record_audio(conn, owner, Product.TRANSCRIPTION, "tiny", audio_ms=5, now=NOON)


def files(media: MediaStore, project: str) -> list[str]:
    names = ("uploads/{}", "work/{}-waiting/chunk", "redacted/{}-done/audio.mp3")
    return [name for name in names if media.exists(name.format(project))]


def test_all_of_a_project_goes_but_its_usage_and_nothing_of_another(
    engine: sa.Engine, media: MediaStore, removal: ProjectRemoval
) -> None:
    secret, law = make_key(engine, "law")
    other_secret, press = make_key(engine, "press")
    for key in (law, press):
        fill(engine, media, key)
    removal.remove(law.project_id)
    with engine.begin() as conn:
        with pytest.raises(KeyInvalid):
            authenticate(conn, secret, NOON)
        assert authenticate(conn, other_secret, NOON).project_name == "press"
        assert find_project_by_name(conn, "law") is None
        assert list_known_voices(conn, law.project_id) == []
        assert len(list_known_voices(conn, press.project_id)) == 1
        for table in (uploads, access_tokens, submissions, transcript_results):
            assert conn.scalar(sa.select(sa.func.count()).select_from(table)) == 1, table.name
        session = find_live_session(conn, "law-live")
        assert find_lemur_answer(conn, "law-asked", law.project_id) is None
        assert find_lemur_answer(conn, "press-asked", press.project_id) is not None
        assert list_uncleared_projects(conn) == []
        lines = report_usage(conn, UsageFilter(project_id=law.project_id))
        waiting = find_transcript(conn, "press-waiting")
        gone = [find_transcript(conn, f"law-{one}") for one in ("done", "waiting")]
    assert session is not None
    assert (session.webhook_body, session.audio_ms) == (None, 5)
    assert [line.total.audio_ms for line in lines] == [5]
    assert waiting is not None
    assert waiting.status is TranscriptStatus.QUEUED
    assert all(row is not None and row.deleted_at and not row.request for row in gone)
    assert files(media, "law") == []
    assert len(files(media, "press")) == 3


def test_jobs_of_the_project_end_and_leave_no_history(engine: sa.Engine, media: MediaStore) -> None:
    _, law = make_key(engine, "law")
    fill(engine, media, law)
    ledger = Ledger()
    ProjectRemoval(engine, media, ledger, lambda: NOON).remove(law.project_id)
    assert "law-waiting" in ledger.cancelled
    assert sorted(ledger.forgotten) == ["law-done", "law-waiting"]


def test_a_project_that_is_not_there_cannot_be_deleted(
    engine: sa.Engine, removal: ProjectRemoval
) -> None:
    _, law = make_key(engine, "law")
    removal.remove(law.project_id)
    for project_id in (law.project_id, "nobody"):
        with pytest.raises(ProjectNotFound):
            removal.remove(project_id)


def test_what_came_in_while_the_project_was_deleted_goes_with_the_next_sweep(
    engine: sa.Engine, removal: ProjectRemoval
) -> None:
    _, law = make_key(engine, "law")
    removal.remove(law.project_id)
    with engine.begin() as conn:
        submit(conn, law, "late")
    assert removal.clear(law.project_id) == 1
    assert removal.clear(law.project_id) == 0
    with engine.begin() as conn:
        row = find_transcript(conn, "late")
    assert row is not None
    assert row.request == {}


def test_what_broke_off_is_finished_later(
    engine: sa.Engine, media: MediaStore, removal: ProjectRemoval
) -> None:
    _, law = make_key(engine, "law")
    fill(engine, media, law)

    with pytest.raises(OSError, match="law-"):
        ProjectRemoval(engine, media, BreakingLedger(), lambda: NOON).remove(law.project_id)
    with engine.begin() as conn:
        project = find_project(conn, law.project_id)
    assert project is not None
    assert project.deleted_at is not None
    removal.clear(law.project_id)
    assert files(media, "law") == []


def add_late_key(conn: sa.Connection, key: ApiKeyRow) -> None:
    new = NewApiKey("late", key.project_id, "late", "hash", "hint", NOON)
    insert_api_key(conn, new)


def add_late_session(conn: sa.Connection, key: ApiKeyRow) -> None:
    row = LiveSessionRow("late", key.project_id, key.id, NOON, NOON, 5, 1000)
    told = replace(row, webhook_url="https://example.com/", webhook_body="secret")
    insert_live_session(conn, told)


def add_late_voice(conn: sa.Connection, key: ApiKeyRow) -> None:
    row = KnownVoiceRow(key.project_id, "Maria", "e", VOICE, 9000, 1, NOON)
    insert_known_voice(conn, row)


def add_late_answer(conn: sa.Connection, key: ApiKeyRow) -> None:
    insert_lemur_request(conn, NewLemurRequest("late", key.project_id, key.id, NOON))


def add_late_submission(conn: sa.Connection, key: ApiKeyRow) -> None:
    row = SubmissionRow(key.project_id, "key", "body", "t", False, NOON)
    claim_submission(conn, row, NOON)


@pytest.mark.parametrize(
    "add",
    [
        add_late_key,
        add_late_session,
        add_late_voice,
        add_late_answer,
        add_late_submission,
        lambda conn, key: create_token(conn, key.id, TokenTerms(60), NOON),
        lambda conn, key: submit(conn, key, "late"),
        lambda conn, key: insert_upload(conn, NewUpload("late", key.project_id, "k", 6, NOON)),
    ],
)
def test_whatever_an_older_server_stores_late_is_found_and_deleted(
    engine: sa.Engine,
    removal: ProjectRemoval,
    add: Callable[[sa.Connection, ApiKeyRow], object],
) -> None:
    _, law = make_key(engine, "law")
    removal.remove(law.project_id)
    with engine.begin() as conn:
        assert list_uncleared_projects(conn) == []
        add(conn, law)
        assert list_uncleared_projects(conn) == [law.project_id]
    removal.clear(law.project_id)
    with engine.begin() as conn:
        assert list_uncleared_projects(conn) == []


@pytest.mark.slow
def test_no_key_lives_on_that_is_made_while_its_project_is_deleted(
    postgres_url: str, media: MediaStore
) -> None:
    engine = open_database(postgres_url)
    upgrade_schema(engine)
    make_key(engine, "law")

    def create() -> None:
        with engine.begin() as conn:
            create_key(conn, "late", "law", NOON)

    with ThreadPoolExecutor() as pool:
        with engine.begin() as conn:
            law = find_project_by_name(conn, "law")
            assert law is not None
            mark_project_deleted(conn, law.id, NOON)
            creating = pool.submit(create)
            until(lambda: is_somebody_waiting(engine), "whoever makes the key waits")
        with pytest.raises(ProjectNotFound):
            creating.result()
        _, press = make_key(engine, "press")
        removal = ProjectRemoval(engine, media, Ledger(), lambda: NOON)
        with engine.begin() as conn:
            made = create_key(conn, "late", "press", NOON)
            removing = pool.submit(removal.remove, press.project_id)
            until(lambda: is_somebody_waiting(engine), "whoever deletes the project waits")
        removing.result()
    with reading(engine) as conn, pytest.raises(KeyInvalid):
        authenticate(conn, made.secret, NOON)
    engine.dispose()


def test_a_key_that_was_not_revoked_with_its_project_opens_nothing(engine: sa.Engine) -> None:
    secret, law = make_key(engine, "law")
    with engine.begin() as conn:
        token = create_token(conn, law.id, TokenTerms(60), NOON)
        mark_project_deleted(conn, law.project_id, NOON)
        with pytest.raises(KeyInvalid):
            authenticate(conn, secret, NOON)
        with pytest.raises(KeyInvalid):
            check_token(conn, token, Scope.LIVE, NOON)
