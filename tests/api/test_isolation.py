"""Two projects: whatever one has, the other is refused by every route, each of its ids at a time.

A new route fails here until it is said whether bodies or queries of it can name what is somebody's,
and, where its path does, what its owner is answered: a refusal says nothing where all are refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from starlette.routing import Route, WebSocketRoute

from earshot.accounts.admin_keys import create_admin_key
from earshot.api.app import ROUTERS, create_app
from earshot.storage.api_keys import find_live_key_by_name
from earshot.storage.database import reading
from earshot.storage.erasure import redacted_key
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
# They take a key, or a token that a key made, and no id.
SOCKETS = {"/v3/ws", "/v2/realtime/ws"}
# Whose path names something -> which of it the owner asks for, and gets; the last two end it.
OF_THE_OWNER = {
    ("GET", "/v2/transcript/{transcript_id}"): "completed",
    ("GET", "/v2/transcript/{transcript_id}/sentences"): "completed",
    ("GET", "/v2/transcript/{transcript_id}/paragraphs"): "completed",
    ("GET", "/v2/transcript/{transcript_id}/word-search"): "completed",
    ("GET", "/v2/transcript/{transcript_id}/srt"): "completed",
    ("GET", "/v2/transcript/{transcript_id}/vtt"): "completed",
    ("GET", "/v2/transcript/{transcript_id}/redacted-audio"): "redacted",
    ("GET", "/lemur/v3/{request_id}"): "lemur_request",
    ("POST", "/v3/sessions/{session_id}/viewer-token"): "live_session",
    ("POST", "/v2/transcript/{transcript_id}/cancel"): "queued",
    ("DELETE", "/lemur/v3/{request_id}"): "lemur_request",
    ("DELETE", "/v2/transcript/{transcript_id}"): "completed",
}
# Which no API key opens, whosever it is.
OF_NO_API_KEY = {
    ("GET", "/upload/{upload_id}"),  # nobody downloads an upload
    ("GET", "/redacted-audio/{file}"),  # by its signature
    ("HEAD", "/redacted-audio/{file}"),
    ("GET", "/v3/sessions/{session_id}/events"),  # by a viewer's token
    ("GET", "/admin/v1/projects/{project_id}"),
    ("PATCH", "/admin/v1/projects/{project_id}"),
    ("DELETE", "/admin/v1/projects/{project_id}"),
    ("POST", "/admin/v1/projects/{project_id}/keys"),
    ("DELETE", "/admin/v1/keys/{key_id}"),
}
FORMATTING = {"request": {"custom_formatting": {"date": "mm/dd/yyyy"}}}
ANSWER = {"response": SECRET, "metadata": {"method": "extractive"}}
QUESTIONS = {"prompt": "What?", "questions": [{"question": "What?"}]}


@dataclass
class Victim:
    """What the project next door has: its ids."""

    completed: str
    queued: str
    redacted: str
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


def queries(victim: Victim) -> dict[tuple[str, str], list[dict[str, str]]]:
    """For each route whose query can name what is somebody's, queries that do."""
    ids = victim.all_ids()
    return {
        ("GET", "/v2/transcript"): [
            {name: one} for name in ("before_id", "after_id") for one in ids
        ],
        ("GET", "/admin/v1/keys"): [{"project_id": victim.project}],
        ("GET", "/admin/v1/usage"): [{"project_id": victim.project}],
    }


def filled(path: str, one: str) -> str:
    """The path with that in the place of whatever it names."""
    return re.sub(r"\{[^}]*\}", one, path)


def routes() -> list[tuple[str, str]]:
    """Every method and path that there is."""
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
    audio = {"redact_pii": True, "redact_pii_audio": True, "redact_pii_policies": ["date"]}
    redacted = world.completed(result_of(SECRET), **audio)
    world.services.media.put(redacted_key(redacted, "mp3"), [SECRET.encode()])
    asked = NewLemurRequest("lemur-1", project.id, key.id, world.clock(), [completed])
    with world.services.engine.begin() as conn:
        insert_lemur_request(conn, asked)
        save_lemur_answer(conn, asked.id, ANSWER)
    upload = world.upload(SECRET.encode()).rpartition("/")[2]
    others = (upload, asked.id, live_session, project.id, key.id)
    return Victim(completed, queued, redacted, *others)


@dataclass
class Neighbours:
    """The client of one project, and what the other one has; administrators are known."""

    intruder: TestClient
    token: str  # of a session of the intruder's, to watch it with
    victim: Victim
    world: World


@pytest.fixture
def neighbours(world: World) -> Iterator[Neighbours]:
    with world.services.engine.begin() as conn:
        create_admin_key(conn, "ops", world.clock())
    key = world.new_key("first", "intruder")
    with (
        open_live_world(world) as live,
        live.session() as spoken,
        live.session(key=key) as own,
    ):
        victim = set_up(world, spoken.read()["id"])
        intruder = live.client
        intruder.headers["Authorization"] = key
        path = f"/v3/sessions/{own.read()['id']}/viewer-token"
        token = intruder.post(path).json()["token"]
        yield Neighbours(intruder, token, victim, world)


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
            url = filled(path, one)
            given = {"words": SECRET, "token": neighbours.token}
            answer = neighbours.intruder.request(method, url, params=given)
            assert_refused(answer, f"{method} {url}")
            n_tried += 1
    assert n_tried > 100


def test_each_path_that_names_something_opens_it_to_its_owner(neighbours: Neighbours) -> None:
    owner, victim = neighbours.intruder, vars(neighbours.victim)
    owner.headers["Authorization"] = neighbours.world.key
    for (method, path), name in OF_THE_OWNER.items():
        answer = owner.request(method, filled(path, victim[name]), params={"words": SECRET})
        assert answer.status_code == 200, f"{method} {path} {answer.text}"


def test_no_body_names_what_another_project_has(neighbours: Neighbours) -> None:
    for (method, path), tried in bodies(neighbours.victim).items():
        for body in tried:
            answer = neighbours.intruder.request(method, path, json=body)
            assert_refused(answer, f"{method} {path} {body}")


def test_no_query_names_what_another_project_has(neighbours: Neighbours) -> None:
    for (method, path), tried in queries(neighbours.victim).items():
        for query in tried:
            answer = neighbours.intruder.request(method, path, params=query)
            assert_refused(answer, f"{method} {path} {query}")


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
    assert answer == ANSWER


def test_no_route_was_forgotten_here(neighbours: Neighbours) -> None:
    known = WITHOUT_IDS | OF_THE_CALLER_ALONE | bodies(neighbours.victim).keys()
    plain = {(method, path) for method, path in routes() if "{" not in path}
    assert plain == known
    assert set(routes()) - plain == OF_THE_OWNER.keys() | OF_NO_API_KEY
    sockets = {
        route.path
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, WebSocketRoute)
    }
    assert sockets == SOCKETS


def test_the_application_has_no_route_but_those_that_are_looked_at_here(world: World) -> None:
    app = create_app(world.services)
    shown = {
        route.path
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and route.include_in_schema
    }
    assert app.openapi()["paths"].keys() == shown
    # Included routers have no path of their own, in the versions of the framework that keep them.
    own = {path for route in app.routes if (path := getattr(route, "path", None)) is not None}
    of_routers = {path for _, path in routes()} | SOCKETS
    assert own - of_routers == {"/openapi.json"}
