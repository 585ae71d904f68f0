from datetime import timedelta

import pytest

from earshot.accounts.keys import authenticate, revoke_key
from earshot.accounts.tokens import TokenTerms, create_token
from earshot.api.faults import FaultKind, SessionFault
from earshot.api.live_admission import Admission, admit
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
    admit(world.services, made, "")
    assert refusal(world, made, "").endswith("Token has already been used")


def test_every_refusal_says_why(world: World) -> None:
    made = token(world)
    assert refusal(world, "", "").endswith("Missing Authorization header")
    assert refusal(world, "wrong", "").endswith("Invalid API key")
    world.clock.now += timedelta(minutes=1)
    assert refusal(world, made, "").endswith("Signature has expired")
    with world.services.engine.begin() as conn:
        revoke_key(conn, "first", world.clock())
    assert refusal(world, world.key, "").endswith("Invalid API key")
