import json
import logging

import pytest
import sqlalchemy.exc
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException

from earshot.api.problems import render_problem, route_with_errors
from earshot.errors import (
    AudioTooLong,
    AudioTruncated,
    FormExpected,
    KeyInvalid,
    PlacesTaken,
    SyncNotServed,
    TranscriptTooLate,
)


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        (AudioTruncated(), 400, "Bad Audio"),
        (AudioTooLong(), 413, "Audio Too Large"),
        (KeyInvalid(), 401, "Unauthorized"),
        (FormExpected("a form"), 415, "Unsupported Media Type"),
        (PlacesTaken(), 503, "Capacity Exceeded"),
        (SyncNotServed(), 503, "Service Unavailable"),
        (TranscriptTooLate(30), 504, "Inference Timeout"),
        (ZeroDivisionError("secret"), 500, "Inference Error"),
    ],
)
def test_a_problem_has_the_title_that_clients_know(
    error: Exception, status: int, title: str
) -> None:
    answer = render_problem(error)
    body = json.loads(bytes(answer.body))
    assert (answer.status_code, body["status"], body["title"]) == (status, status, title)
    assert body["detail"]
    assert "secret" not in body["detail"]
    assert answer.media_type == "application/problem+json"


def client_raising(error: Exception) -> TestClient:
    router = APIRouter(route_class=route_with_errors(render_problem))

    @router.get("/")
    def fail() -> None:
        raise error

    app = FastAPI()
    app.include_router(router)
    return TestClient(app)


def test_our_own_faults_are_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    assert client_raising(ZeroDivisionError("why")).get("/").status_code == 500
    assert [record.message for record in caplog.records] == ["request_failed"]


def test_what_the_caller_can_fix_is_not(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    assert client_raising(KeyInvalid()).get("/").status_code == 401
    assert caplog.records == []


def test_a_database_that_is_gone_is_no_inference_error() -> None:
    gone = sqlalchemy.exc.OperationalError("SELECT", {}, Exception("database is locked"))
    assert client_raising(gone).get("/").json()["title"] == "Service Unavailable"


def test_refusals_of_the_framework_stay_its_own() -> None:
    assert client_raising(HTTPException(418, "tea")).get("/").json() == {"detail": "tea"}
