import logging

import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute

from earshot.accounts.keys import list_keys, revoke_key
from earshot.accounts.projects import require_project
from earshot.api.admin_auth import find_administrator
from earshot.api.app import ROUTERS, create_app
from earshot.api.auth import find_caller, key_in
from earshot.storage.database import reading
from earshot.storage.projects import set_project_limits
from tests.api.conftest import World

UNAUTHORIZED = {"error": "Authentication error, API token missing/invalid"}
# The signature in its query opens a recording: test_redacted_audio.py.
OPEN_PATHS = {"/health", "/upload/{upload_id}", "/docs", "/redacted-audio/{file}"}
# Asks for a viewer's token in its query: test_session_events.py.
EVENTS_PATH = "/v3/sessions/{session_id}/events"
# Ask after the handshake: test_streaming.py, test_realtime.py.
SOCKET_PATHS = {"/v3/ws", "/v2/realtime/ws"}


def test_every_operation_but_the_open_ones_wants_a_key(world: World) -> None:
    paths = create_app(world.services).openapi()["paths"]
    operations = {(method.upper(), path) for path, item in paths.items() for method in item}
    assert len(operations) > 12
    client = world.client_with(None)
    for method, path in operations:
        answer = client.request(method, path.replace("{transcript_id}", "t"))
        if path in OPEN_PATHS:
            assert answer.status_code != 401
        elif path.startswith("/admin/"):
            assert answer.status_code == 404, (method, path)  # no administrator has a key
        else:
            assert answer.status_code == 401, (method, path)
            told = answer.json()
            # Other surfaces have forms of their own, which their own tests read.
            if path.startswith(("/v2/", "/v3/", "/lemur/")):
                assert told == UNAUTHORIZED, (method, path)


@pytest.mark.parametrize("form", ["{}", "Bearer {}", "bearer {}", "  {}  ", "BEARER   {}"])
def test_the_key_may_stand_alone_or_after_bearer(world: World, form: str) -> None:
    assert world.client_with(form.format(world.key)).get("/v2/transcript").status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer", "nope", "token nope", "caf\xe9"])
def test_a_header_without_a_key_of_ours_is_refused(world: World, header: str) -> None:
    client = world.client_with(None)
    answer = client.get("/v2/transcript", headers={b"Authorization": header.encode("latin-1")})
    assert (answer.status_code, answer.json()) == (401, UNAUTHORIZED)


def test_a_revoked_key_opens_nothing_from_then_on(world: World) -> None:
    client = world.client
    assert client.get("/v2/transcript").status_code == 200
    with world.services.engine.begin() as conn:
        revoke_key(conn, "first", world.clock())
    assert client.get("/v2/transcript").status_code == 401


def test_the_key_is_checked_before_the_body_is_looked_at(world: World) -> None:
    answer = world.client_with("nope").post("/v2/transcript", content=b"{")
    assert answer.status_code == 401


def test_the_use_of_a_key_is_noted(world: World) -> None:
    world.client.get("/v2/transcript")
    with reading(world.services.engine) as conn:
        [key] = list_keys(conn)
    assert key.last_used_at is not None


def test_no_log_line_holds_a_key_or_a_query(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    world.client.get("/v2/transcript", params={"token": world.key})
    world.client_with("Bearer " + "f" * 32).get("/v2/transcript")
    assert "request_answered" in caplog.text
    ours = [record for record in caplog.records if not record.name.startswith("httpx")]
    lines = "\n".join(record.getMessage() for record in ours)
    assert world.key not in lines
    assert "f" * 32 not in lines
    assert "token" not in lines


def test_a_key_is_found_in_its_header() -> None:
    assert key_in(" Bearer abc ") == "abc"
    assert key_in("bearerabc") == "bearerabc"


def test_no_route_forgets_to_ask_for_the_key() -> None:
    routes = [route for router in ROUTERS for route in router.routes]
    asking = {EVENTS_PATH}
    sockets: set[str] = set()
    for route in routes:
        if isinstance(route, APIWebSocketRoute):
            sockets.add(route.path)
            continue
        assert isinstance(route, APIRoute)
        guards = (find_caller, find_administrator)
        if any(dependency.call in guards for dependency in route.dependant.dependencies):
            asking.add(route.path)
    assert {route.path for route in routes if isinstance(route, APIRoute)} - asking == OPEN_PATHS
    assert sockets == SOCKET_PATHS


def test_a_project_asks_no_more_often_than_it_may_whatever_the_route(world: World) -> None:
    with world.services.engine.begin() as conn:
        project = require_project(conn, "default")
        set_project_limits(conn, project.id, {"requests_per_5_min": 2})
    assert [world.client.get("/v2/transcript").status_code for _ in range(3)] == [200, 200, 429]
    world.clock.turn(seconds=200)
    refused = world.client.get("/v2/transcript")
    assert refused.json() == {"error": "Too Many Requests"}
    assert refused.headers["Retry-After"] == "100"
    sync = world.client.get("/v1/warm")
    assert (sync.status_code, sync.headers["Retry-After"]) == (429, "100")
    other = world.client_with(world.new_key("other", "other"))
    assert other.get("/v2/transcript").status_code == 200
    world.clock.turn(seconds=100)
    assert world.client.get("/v2/transcript").status_code == 200
