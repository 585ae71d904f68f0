from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from earshot.api.app import create_app
from earshot.api.services import Readiness
from tests.api.conftest import World


@pytest.mark.parametrize("readiness", ["loading", "ready"])
def test_health_answers_without_a_key_and_says_whether_the_models_are_loaded(
    world: World, readiness: Readiness
) -> None:
    services = replace(world.services, readiness=lambda: readiness)
    answer = TestClient(create_app(services)).get("/health")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "models": readiness}
