"""Killed, restarted, shared: whatever happens to the processes, a recording is transcribed once."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from earshot.jobs.tables import workflow_status
from earshot.storage.database import open_database
from tests.integration.conftest import READINGS
from tests.processes import Api, Installation, hold_between_writes, until
from tests.receiver import Receiver

pytestmark = pytest.mark.slow
Install = Callable[..., Installation]
HANDOVER_S = 5.0  # "job continues on another in <= 5 s"


def readings_in(text: str) -> int:
    """How often the recording's one sentence with a superlative in it was heard."""
    return len(re.findall("superlative", text, re.IGNORECASE))


def await_half_done(installation: Installation, transcript_id: str) -> None:
    """Some of the recording's words are there, and some are not."""
    folder = installation.data / "media" / "work" / transcript_id
    until(lambda: list(folder.glob("words-*")), "the first chunk is done")


def fence(api: Api, receiver: Receiver, speech: bytes) -> None:
    """Another job, webhook included, from start to end: what came before would have come by now."""
    api.transcribe(speech, webhook_url=f"{receiver.url}/fence")
    receiver.await_post("/fence")


def test_another_worker_finishes_what_a_killed_one_began(
    database_url: str, install: Install, long_speech: bytes, speech: bytes, receiver: Receiver
) -> None:
    installation = install(EARSHOT_DATABASE_URL=database_url)
    server = installation.serve("--role", "api")
    api = installation.api(server)
    first = installation.work()
    transcript_id = api.submit(api.upload(long_speech), webhook_url=f"{receiver.url}/hook")
    await_half_done(installation, transcript_id)
    # Or it is through with the recording before the other one is there.
    hold_between_writes(first, database_url)
    second = installation.work()
    killed_at_s = first.kill()
    second.until(lambda: "worker_died" in second.log, "the death is noticed")
    transcript = api.ended(transcript_id)
    assert transcript["status"] == "completed"
    assert readings_in(transcript["text"]) == READINGS
    starts = [word["start"] for word in transcript["words"]]
    assert starts == sorted(set(starts))
    ended_at_s = receiver.await_post("/hook").at_s
    assert ended_at_s > killed_at_s
    fence(api, receiver, speech)
    assert len(receiver.posts_to("/hook")) == 1
    assert api.get(transcript_id) == transcript | {"webhook_status_code": 200}


def test_a_killed_worker_leaves_no_process_and_no_file_behind(
    install: Install, long_speech: bytes
) -> None:
    installation = install()
    api = installation.api(installation.serve("--role", "api"))
    worker = installation.work()
    transcript_id = api.submit(api.upload(long_speech), speaker_labels=True)
    await_half_done(installation, transcript_id)
    children = worker.children()
    assert children
    worker.kill()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), "all are gone")
    installation.work()
    transcript = api.ended(transcript_id)
    assert transcript["status"] == "completed"
    # The voices of the chunk that was under way are heard again, and belong to the same person.
    assert [utterance["speaker"] for utterance in transcript["utterances"]] == ["A"]
    assert readings_in(transcript["text"]) == READINGS
    work = installation.data / "media" / "work"
    until(lambda: not [path for path in work.rglob("*") if path.is_file()], "work files are gone")


def test_queued_jobs_outlive_a_server_that_is_killed(
    database_url: str, install: Install, speech: bytes, receiver: Receiver
) -> None:
    installation = install(EARSHOT_DATABASE_URL=database_url)
    first = installation.serve("--role", "api")
    api = installation.api(first)
    hook = f"{receiver.url}/hook"
    queued = [api.submit(api.upload(speech), webhook_url=hook) for _ in range(3)]
    assert {api.status(transcript_id) for transcript_id in queued} == {"queued"}
    first.kill()
    api = installation.api(installation.serve())
    for transcript_id in queued:
        assert api.ended(transcript_id)["status"] == "completed"
    receiver.await_post("/hook", times=3)
    fence(api, receiver, speech)
    assert len(receiver.posts_to("/hook")) == 3


def test_a_server_killed_with_its_worker_at_work_goes_on_when_restarted(
    install: Install, long_speech: bytes
) -> None:
    installation = install()
    first = installation.serve()
    api = installation.api(first)
    transcript_id = api.submit(api.upload(long_speech))
    await_half_done(installation, transcript_id)
    first.kill()
    transcript = installation.api(installation.serve()).ended(transcript_id)
    assert transcript["status"] == "completed"
    assert readings_in(transcript["text"]) == READINGS


def test_two_workers_share_one_recording(
    postgres_url: str, install: Install, long_speech: bytes
) -> None:
    installation = install(EARSHOT_DATABASE_URL=postgres_url, EARSHOT_WORKER_THREADS="1")
    api = installation.api(installation.serve("--role", "api"))
    for _ in range(2):
        installation.work()
    transcript = api.transcribe(long_speech)
    assert readings_in(transcript["text"]) == READINGS
    engine = open_database(postgres_url)
    status = workflow_status(engine)
    parts = sa.select(status.c.executor_id).where(status.c.parent_workflow_id == transcript["id"])
    with engine.connect() as connection:
        executors = list(connection.execute(parts).scalars())
    engine.dispose()
    assert len(executors) >= 4
    assert len(set(executors)) == 2


def test_a_webhook_is_tried_again_after_a_restart(
    install: Install, speech: bytes, receiver: Receiver
) -> None:
    installation = install()
    first = installation.serve()
    api = installation.api(first)
    receiver.status = 500
    transcript_id = api.transcribe(speech, webhook_url=f"{receiver.url}/hook")["id"]
    refused = receiver.await_post("/hook")
    first.kill()
    receiver.status = 200
    api = installation.api(installation.serve())
    accepted = receiver.await_post("/hook", times=2)
    assert accepted.at_s - refused.at_s >= 9.0  # "10 s apart", less what the two clocks differ
    assert accepted.headers["webhook-id"] == refused.headers["webhook-id"]
    assert accepted.body == refused.body
    until(lambda: api.get(transcript_id)["webhook_status_code"] == 200, "200 is recorded")
    assert len(receiver.posts_to("/hook")) == 2
