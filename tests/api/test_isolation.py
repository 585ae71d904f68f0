"""Two projects: whatever one has, the other is refused by every route, each of its ids at a time.

A new route fails here until it is said whether bodies or queries of it can name what is somebody's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.routing import Route

from earshot.api.app import ROUTERS
from earshot.storage.api_keys import find_live_key_by_name
from earshot.storage.database import reading
from earshot.storage.lemur import (
    NewLemurRequest,
    find_lemur_answer,
    insert_lemur_request,
    save_lemur_answer,
)
from earshot.storage.media import MediaStore
from earshot.storage.projects import find_project_by_name
from earshot.transcript.status import TranscriptStatus
from tests.api.conftest import World, result_of
from tests.api.live import open_live_world

SECRET = "confidential"
# Neither their bodies nor their queries name anything that a project has.
WITHOUT_IDS = {
    ("GET", "/health"),
    ("GET", "/docs"),
    ("GET", "/v1/models"),
    ("POST", "/v2/upload"),
    ("GET", "/v3/token"),
    ("POST", "/v3/token"),
    ("POST", "/v2/realtime/token"),
    ("POST", "/serve/api/v2/assets"),
    ("POST", "/v1/transcribe"),
    ("POST", "/transcribe"),
    ("POST", "/v1/transcribe/live"),
    ("POST", "/v1/transcribe/stream"),
    ("GET", "/v1/warm"),
    ("POST", "/v1/audio/transcriptions"),
    ("POST", "/v1/audio/translations"),
    ("POST", "/v1/chat/completions"),
}
# What lists or makes something shows nothing of another project; see the tests of each.
OF_THE_CALLER_ALONE = {("GET", "/v2/transcript")}
FORMATTING = {"request": {"custom_formatting": {"date": "mm/dd/yyyy"}}}
QUESTIONS = {"prompt": "What?", "questions": [{"question": "What?"}]}


@dataclass
class Victim:
    """What the project next door has: its ids."""

    completed: str
    queued: str
    upload: str
    lemur_request: str
    live_session: str
    project: str
    key: str

    def all_ids(self) -> list[str]:
        plain = list(vars(self).values())
        return [*plain, *(f"{name}.mp3" for name in plain), f"re_{self.upload.replace('-', '')}"]


def bodies(victim: Victim) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """For each route whose body can name what is somebody's, bodies that do."""
    own = [victim.completed, victim.queued]
    upload_url = f"http://testserver/upload/{victim.upload}"
    asset_id = f"re_{victim.upload.replace('-', '')}"
    understanding = [
        {"transcript_id": one, "speech_understanding": FORMATTING} for one in victim.all_ids()
    ]
    lemur = [{"transcript_ids": [one], **QUESTIONS} for one in own] + [
        {"sources": [{"id": one, "type": "transcript"}], **QUESTIONS} for one in own
    ]
    tasks = ("task", "summary", "question-answer", "action-items")
    return {
        ("POST", "/v2/transcript"): [{"audio_url": upload_url}],
        ("POST", "/v1/understanding"): understanding,
        ("POST", "/v1/understanding/validate"): understanding,
        ("POST", "/serve/api/v2/transcriptions/speech-to-text"): [
            {"asset_id": asset_id},
            {"url": upload_url},
            {"source_url": upload_url},
        ],
        ("POST", "/admin/v1/projects"): [{"name": "default"}],
        ("GET", "/admin/v1/projects"): [{}],
        ("GET", "/admin/v1/keys"): [{}],
        ("GET", "/admin/v1/usage"): [{}],
        **{("POST", f"/lemur/v3/generate/{task}"): lemur for task in tasks},
    }


def routes() -> list[tuple[str, str]]:
    """Every method and path that there is; sockets take a key, and no id."""
    return [
        (method, route.path)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, Route)
        for method in sorted(route.methods or ())
    ]


def set_up(world: World, live_session: str) -> Victim:
    with reading(world.services.engine) as conn:
        project = find_project_by_name(conn, "default")
        assert project is not None
        key = find_live_key_by_name(conn, project.id, "first")
        assert key is not None
    completed, queued = world.completed(result_of(SECRET)), world.submit()
    asked = NewLemurRequest("lemur-1", project.id, key.id, world.clock(), [completed])
    with world.services.engine.begin() as conn:
        insert_lemur_request(conn, asked)
        save_lemur_answer(conn, asked.id, {"response": SECRET})
    upload = world.upload(SECRET.encode()).rpartition("/")[2]
    return Victim(completed, queued, upload, asked.id, live_session, project.id, key.id)


@dataclass
class Neighbours:
    """The client of one project, and what the other one has."""

    intruder: TestClient
    victim: Victim
    world: World


@pytest.fixture
def neighbours(world: World) -> Iterator[Neighbours]:
    with open_live_world(world) as live, live.session() as spoken:
        victim = set_up(world, spoken.read()["id"])
        key = world.new_key("first", "intruder")
        intruder = live.client
        intruder.headers["Authorization"] = key
        yield Neighbours(intruder, victim, world)


def assert_refused(answer: Any, what: str) -> None:  # noqa: ANN401 - two libraries' answers
    assert 400 <= answer.status_code < 500, f"{what} {answer.status_code}"
    assert answer.status_code != 429, what
    assert SECRET not in answer.text, what


def test_every_route_refuses_every_id_of_another_project(neighbours: Neighbours) -> None:
    n_tried = 0
    for method, path in routes():
        if "{" not in path:
            continue
        for one in neighbours.victim.all_ids():
            start, _, rest = path.partition("{")
            url = start + one + rest.partition("}")[2]
            answer = neighbours.intruder.request(method, url, params={"words": SECRET})
            assert_refused(answer, f"{method} {url}")
            n_tried += 1
    assert n_tried > 100


def test_no_body_names_what_another_project_has(neighbours: Neighbours) -> None:
    for (method, path), tried in bodies(neighbours.victim).items():
        for body in tried:
            answer = neighbours.intruder.request(method, path, json=body)
            assert_refused(answer, f"{method} {path} {body}")


def test_what_lists_and_makes_shows_nothing_of_another_project(neighbours: Neighbours) -> None:
    for method, path in OF_THE_CALLER_ALONE:
        shown = neighbours.intruder.request(method, path)
        assert shown.status_code == 200
        assert not [one for one in neighbours.victim.all_ids() if one in shown.text]


def test_the_other_project_keeps_what_it_has(neighbours: Neighbours) -> None:
    test_every_route_refuses_every_id_of_another_project(neighbours)
    test_no_body_names_what_another_project_has(neighbours)
    world, victim = neighbours.world, neighbours.victim
    media: MediaStore = world.services.media
    assert world.row(victim.completed).status is TranscriptStatus.COMPLETED
    assert world.row(victim.completed).deleted_at is None
    assert world.row(victim.queued).status is TranscriptStatus.QUEUED
    assert media.get(f"uploads/{victim.upload}") == SECRET.encode()
    own = world.client.get(f"/v2/transcript/{victim.completed}")
    assert own.json()["text"].lower().startswith(SECRET)
    with reading(world.services.engine) as conn:
        answer = find_lemur_answer(conn, victim.lemur_request, victim.project)
    assert answer == {"response": SECRET}


def test_no_route_was_forgotten_here(neighbours: Neighbours) -> None:
    known = WITHOUT_IDS | OF_THE_CALLER_ALONE | bodies(neighbours.victim).keys()
    plain = {(method, path) for method, path in routes() if "{" not in path}
    assert plain - known == set()
