import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from earshot.api.app import create_app
from earshot.api.listening import ListenOptions
from earshot.api.server import AppServer
from tests.api.conftest import World
from tests.processes import PATIENCE_S


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """The URL of a server of ours over that application."""
    server = AppServer(app, ListenOptions("127.0.0.1", 0))
    urls: queue.Queue[list[str]] = queue.Queue()
    thread = threading.Thread(target=server.run, args=(urls.put,))
    thread.start()
    try:
        yield urls.get(timeout=PATIENCE_S)[0]
    finally:
        server.stop()
        thread.join()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/v2/nothing"),
        ("GET", "/v2/transcript/t/ass"),
        ("GET", "/v2/transcript/"),
        ("POST", "/v3/transcript"),
        ("GET", "/redoc"),
    ],
)
def test_an_unknown_route_is_not_found_in_json(world: World, method: str, path: str) -> None:
    answer = world.client.request(method, path)
    assert (answer.status_code, answer.json()) == (404, {"error": "Not found"})


@pytest.mark.parametrize("path", ["/v3/wsx", "/v2/v3/ws", "/v2/transcript"])
def test_an_unknown_route_is_not_found_by_a_websocket_either(world: World, path: str) -> None:
    with served(create_app(world.services)) as url, pytest.raises(InvalidStatus) as refused:
        connect(url.replace("http", "ws", 1) + path)
    answer = refused.value.response
    assert (answer.status_code, json.loads(answer.body or b"")) == (404, {"error": "Not found"})


def test_an_unknown_websocket_is_closed_by_a_server_that_has_no_other_answer(world: World) -> None:
    app = create_app(world.services)

    async def without_extensions(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "extensions": {}}, receive, send)

    client = TestClient(without_extensions)
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/v3/wsx"):
        pass


@pytest.mark.parametrize(("method", "path"), [("PUT", "/v2/transcript"), ("POST", "/health")])
def test_a_method_that_a_route_does_not_have_is_refused_in_json(
    world: World, method: str, path: str
) -> None:
    answer = world.client.request(method, path)
    assert (answer.status_code, answer.json()) == (405, {"error": "Method Not Allowed"})
    assert answer.headers["allow"]


def test_options_are_open(world: World) -> None:
    answer = world.client_with(None).options("/v2/transcript/t")
    assert answer.status_code == 200
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PUT", "PATCH"])
def test_a_browser_on_any_site_may_ask(world: World, method: str) -> None:
    wanted = "authorization,content-type,x-aai-model"
    answer = world.client_with(None).options(
        "/v2/transcript/t",
        headers={
            "Origin": "https://app.example",
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": wanted,
        },
    )
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert method in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == wanted


def test_errors_can_be_read_by_browsers_too(world: World) -> None:
    def broken() -> datetime:
        raise RuntimeError("a secret of ours")

    client = TestClient(create_app(replace(world.services, clock=broken)))
    headers = {"Authorization": world.key, "Origin": "https://app.example"}
    answer = client.get("/v2/transcript", headers=headers)
    assert (answer.status_code, answer.json()) == (500, {"error": "Internal Server Error"})
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_database_that_is_gone_is_unavailable_and_not_our_fault(world: World) -> None:
    nowhere = sa.create_engine("sqlite:////nowhere/at/all.db")
    client = TestClient(create_app(replace(world.services, engine=nowhere)))
    answer = client.get("/v2/transcript", headers={"Authorization": world.key})
    assert answer.status_code == 503
    assert answer.json() == {"error": "The database is not available right now; try again"}
    assert answer.headers["retry-after"] == "1"
