from dataclasses import replace
from datetime import datetime

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from earshot.api.app import create_app
from tests.api.conftest import World


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
