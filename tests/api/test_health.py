import threading
from dataclasses import replace

import anyio.to_thread
import httpx
import pytest
from fastapi.testclient import TestClient

from earshot.api.app import create_app
from earshot.api.health import HealthWatch
from earshot.api.services import Readiness
from earshot.errors import DatabaseUnavailable
from tests.api.conftest import World


@pytest.mark.parametrize("readiness", ["loading", "ready"])
def test_health_answers_without_a_key_and_says_whether_the_models_are_loaded(
    world: World, readiness: Readiness
) -> None:
    services = replace(world.services, readiness=lambda: readiness)
    answer = TestClient(create_app(services)).get("/health")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "models": readiness}


def test_health_says_loading_where_the_database_fails(world: World) -> None:
    def readiness() -> Readiness:
        raise DatabaseUnavailable

    services = replace(world.services, readiness=readiness)
    answer = TestClient(create_app(services)).get("/health")
    assert answer.json() == {"status": "ok", "models": "loading"}


async def test_a_database_that_does_not_answer_is_asked_once_and_not_waited_for() -> None:
    answers = threading.Event()
    n_asked = 0

    def readiness() -> Readiness:
        nonlocal n_asked
        n_asked += 1
        answers.wait()
        return "ready"

    watch = HealthWatch(readiness, refresh_s=0, patience_s=0.01)
    assert await watch.current() == "loading"
    assert await watch.current() == "loading"
    assert n_asked == 1
    answers.set()
    patient = HealthWatch(readiness, patience_s=60)
    assert await patient.current() == "ready"


async def test_many_who_ask_at_once_are_told_what_was_found_once() -> None:
    n_asked = 0

    def readiness() -> Readiness:
        nonlocal n_asked
        n_asked += 1
        return "ready"

    watch = HealthWatch(readiness, refresh_s=3600)
    assert [await watch.current() for _ in range(20)] == ["ready"] * 20
    assert n_asked == 1


async def test_health_answers_while_every_thread_of_the_application_is_busy(world: World) -> None:
    threads = anyio.to_thread.current_default_thread_limiter()
    for _ in range(int(threads.total_tokens)):
        threads.acquire_on_behalf_of_nowait(object())
    transport = httpx.ASGITransport(create_app(world.services))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        answer = await client.get("/health", timeout=10)
    assert answer.json() == {"status": "ok", "models": "ready"}
