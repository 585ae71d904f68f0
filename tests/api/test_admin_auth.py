import logging

import pytest
from fastapi.testclient import TestClient

from earshot.accounts.admin_keys import create_admin_key, revoke_admin_key
from earshot.api.app import create_app
from earshot.storage.admin_keys import list_admin_keys
from earshot.storage.database import reading
from tests.api.conftest import World

PATH = "/admin/v1/projects"


def make_key(world: World, name: str = "ops") -> str:
    with world.services.engine.begin() as conn:
        return create_admin_key(conn, name, world.clock()).secret


def status(world: World, authorization: str) -> int:
    client = TestClient(create_app(world.services))
    return client.get(PATH, headers={"Authorization": authorization}).status_code


@pytest.mark.parametrize("form", ["{}", "Bearer {}", "  {} "])
def test_the_key_may_stand_alone_or_after_bearer(world: World, form: str) -> None:
    assert status(world, form.format(make_key(world))) == 200


def test_what_is_no_admin_key_is_refused(world: World) -> None:
    secret = make_key(world)
    for wrong in ("", "x", world.key, secret[:-1], secret + "0", secret.upper()):
        assert status(world, wrong) == 401, wrong


def test_a_revoked_key_opens_nothing_and_without_any_the_api_is_off(world: World) -> None:
    first, second = make_key(world), make_key(world, "other")
    with world.services.engine.begin() as conn:
        revoke_admin_key(conn, "ops")
    assert (status(world, first), status(world, second)) == (401, 200)
    with world.services.engine.begin() as conn:
        revoke_admin_key(conn, "other")
    assert status(world, second) == 404


def test_its_use_is_recorded_to_the_minute(world: World) -> None:
    secret = make_key(world)
    used = []
    for seconds in (0, 59, 61):
        world.clock.turn(seconds=seconds)
        status(world, secret)
        with reading(world.services.engine) as conn:
            used.append(list_admin_keys(conn)[0].last_used_at)
    assert used[0] is not None
    assert used[0] == used[1] != used[2]


def test_the_key_is_in_no_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    secret = make_key(world)
    with caplog.at_level(logging.DEBUG):
        status(world, secret)
    assert secret not in caplog.text
