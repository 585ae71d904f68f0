from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from earshot.accounts.keys import authenticate, revoke_key
from earshot.accounts.projects import require_project
from earshot.accounts.tokens import TokenTerms, create_token
from earshot.api.faults import FaultKind, SessionFault
from earshot.api.live_admission import INVALID, Admission, admit, require_live_key, use_token
from earshot.storage.projects import set_project_limits
from tests.api.conftest import World


def key_id(world: World) -> str:
    with world.services.engine.begin() as conn:
        return authenticate(conn, world.key, world.clock()).key_id


def token(world: World, **terms: object) -> str:
    made_by = key_id(world)
    with world.services.engine.begin() as conn:
        return create_token(conn, made_by, TokenTerms(60, **terms), world.clock())  # type: ignore[arg-type]  # a test's


def refusal(world: World, authorization: str, query: str) -> str:
    with pytest.raises(SessionFault) as found:
        admit(world.services, authorization, query)
    assert found.value.kind is FaultKind.UNAUTHORIZED
    return found.value.text


def test_key_and_token_are_taken_in_either_place(world: World) -> None:
    made = token(world, max_session_s=90)
    for authorization, query in ((world.key, ""), ("", world.key), (f"Bearer {world.key}", "")):
        assert admit(world.services, authorization, query).max_session_s is None
    for authorization, query in ((made, ""), ("", made)):
        found = admit(world.services, authorization, query)
        assert found == Admission(found.project_id, key_id(world), 90)


def test_a_token_for_one_use_is_used_up(world: World) -> None:
    made = token(world, is_single_use=True)
    admission = admit(world.services, made, "")
    use_token(world.services, admission)
    assert refusal(world, made, "").endswith("Token has already been used")


def test_of_two_that_use_a_token_at_once_one_begins(world: World) -> None:
    made = token(world, is_single_use=True)
    first, second = (admit(world.services, made, "") for _ in range(2))
    use_token(world.services, first)
    with pytest.raises(SessionFault, match="Token has already been used") as found:
        use_token(world.services, second)
    assert found.value.kind is FaultKind.UNAUTHORIZED


def test_other_secrets_are_not_used_up(world: World) -> None:
    for secret in (world.key, token(world)):
        for _ in range(2):
            use_token(world.services, admit(world.services, secret, ""))


def test_every_refusal_says_why(world: World) -> None:
    made = token(world)
    assert refusal(world, "", "").endswith("Missing Authorization header")
    assert refusal(world, "wrong", "").endswith("Invalid API key")
    world.clock.now += timedelta(minutes=1)
    assert refusal(world, made, "").endswith("Signature has expired")
    with world.services.engine.begin() as conn:
        revoke_key(conn, "first", world.clock())
    assert refusal(world, world.key, "").endswith("Invalid API key")


def test_a_key_that_was_revoked_holds_no_session(world: World) -> None:
    admission = admit(world.services, world.key, "")
    require_live_key(world.services, admission)
    with world.services.engine.begin() as conn:
        revoke_key(conn, "first", world.clock())
    with pytest.raises(SessionFault) as found:
        require_live_key(world.services, admission)
    assert found.value.text == INVALID


def test_a_database_that_is_away_ends_no_session(world: World) -> None:
    admission = admit(world.services, world.key, "")
    nowhere = sa.create_engine("sqlite:////nowhere/at/all.db")
    require_live_key(replace(world.services, engine=nowhere), admission)


def test_key_and_token_bring_the_limits_of_their_project(world: World) -> None:
    with world.services.engine.begin() as conn:
        project = require_project(conn, "default")
        set_project_limits(conn, project.id, {"live_sessions": 3})
    for secret in (world.key, token(world)):
        assert admit(world.services, secret, "").limits.live_sessions == 3
