from collections.abc import Callable

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient

from earshot.api.border import RequestBorder
from earshot.api.gateway import GatewayRoute, gateway_error
from earshot.errors import (
    EarshotError,
    KeyInvalid,
    OperatorError,
    RequestInvalid,
    TooManyRequests,
    TranscriptNotFound,
)
from tests.api.conftest import World


def client_that_meets(error: Exception) -> TestClient:
    router = APIRouter(route_class=GatewayRoute)

    @router.post("/v1/thing")
    def thing() -> None:
        raise error

    app = FastAPI()
    app.include_router(router)
    app.add_middleware(RequestBorder)
    return TestClient(app)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RequestInvalid("a must be b"), 400),
        (KeyInvalid(), 401),
        (TranscriptNotFound(), 404),
        (TooManyRequests(), 429),
    ],
    ids=lambda value: value.code if isinstance(value, EarshotError) else str(value),
)
def test_a_refusal_answers_clients_of_either_reading(error: Exception, status: int) -> None:
    answer = client_that_meets(error).post("/v1/thing")
    assert answer.status_code == status
    body = answer.json()
    assert body["error"] == {
        "code": status,
        "message": str(error),
        "metadata": {"errors": [str(error)]},
    }
    assert body["message"] == str(error)
    assert body["metadata"] == {"errors": [str(error)]}
    assert body["code"] == status
    assert len(body["request_id"]) == 36


def test_whoever_is_refused_for_the_moment_is_told_when_to_come_back() -> None:
    answer = client_that_meets(TooManyRequests()).post("/v1/thing")
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.parametrize("make", [lambda: OperatorError("a path of ours"), lambda: ValueError("x")])
def test_a_fault_of_ours_is_logged_and_not_told(
    make: Callable[[], Exception], caplog: pytest.LogCaptureFixture
) -> None:
    answer = client_that_meets(make()).post("/v1/thing")
    assert answer.status_code == 500
    assert answer.json()["error"] == {
        "code": 500,
        "message": "Internal Server Error",
        "metadata": {"errors": ["Internal Server Error"]},
    }
    assert "request_failed" in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/v1/understanding", 405, "Method Not Allowed"),
        ("PUT", "/v1/understanding/validate", 405, "Method Not Allowed"),
        ("DELETE", "/v1/chat/completions", 405, "Method Not Allowed"),
        ("POST", "/v1/understanding/nothing", 404, "Not found"),
        ("GET", "/v1/chat", 404, "Not found"),
    ],
)
def test_what_is_no_route_is_refused_in_the_same_form(
    world: World, method: str, path: str, status: int, message: str
) -> None:
    answer = world.client.request(method, path)
    assert answer.status_code == status
    fault = {"code": status, "message": message, "metadata": {"errors": [message]}}
    assert answer.json()["error"] == fault
    assert answer.json()["message"] == message
    assert ("allow" in answer.headers) == (status == 405)


def test_an_error_of_ours_has_no_words_of_ours() -> None:
    assert b"a path of ours" not in gateway_error(OperatorError("a path of ours")).body
