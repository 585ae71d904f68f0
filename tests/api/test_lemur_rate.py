from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from earshot.accounts.keys import create_key
from earshot.api.lemur_rate import Admission, admit
from earshot.errors import KeyInvalid
from earshot.storage.lemur import NewLemurRequest
from earshot.storage.projects import mark_project_deleted
from earshot.storage.schema import lemur_requests
from tests.api.conftest import NOON, World


def requests_of(world: World, project: str = "law") -> NewLemurRequest:
    with world.services.engine.begin() as conn:
        key = create_key(conn, "k", project, NOON).row
    return NewLemurRequest("0", key.project_id, key.id, NOON)


def ask(world: World, new: NewLemurRequest, limit: int | None = 2) -> Admission:
    with world.services.engine.begin() as conn:
        return admit(conn, new, limit)


def test_as_many_as_the_limit_are_admitted_in_a_minute(world: World) -> None:
    first = requests_of(world)
    assert ask(world, first) == Admission(True, 2, 1, 60)
    later = replace(first, id="1", created_at=NOON + timedelta(seconds=10.5))
    assert ask(world, later) == Admission(True, 2, 0, 50)
    refused = ask(world, replace(later, id="2"))
    assert not refused.is_admitted
    assert refused.headers == {
        "X-RateLimit-Limit": "2",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": "50",
        "Retry-After": "50",
    }
    after = replace(first, id="3", created_at=NOON + timedelta(seconds=60))
    assert ask(world, after).is_admitted


def test_projects_are_counted_apart(world: World) -> None:
    assert ask(world, requests_of(world), 1).is_admitted
    assert ask(world, replace(requests_of(world, "press"), id="1"), 1).is_admitted


def test_without_a_limit_nothing_is_told(world: World) -> None:
    assert ask(world, requests_of(world), None).headers == {}


def test_of_many_at_once_no_more_are_admitted_than_the_limit(world: World) -> None:
    new = requests_of(world)
    with ThreadPoolExecutor(8) as pool:
        asked = [replace(new, id=str(number)) for number in range(40)]
        admissions = list(pool.map(lambda one: ask(world, one, 7), asked))
    assert sum(one.is_admitted for one in admissions) == 7


@pytest.mark.parametrize("limit", [None, 7])
def test_what_is_asked_while_the_project_is_deleted_is_not_stored(
    world: World, limit: int | None
) -> None:
    new = requests_of(world)
    with world.services.engine.begin() as conn:
        mark_project_deleted(conn, new.project_id, NOON)
    with pytest.raises(KeyInvalid):
        ask(world, new, limit)
    with world.services.engine.begin() as conn:
        assert conn.execute(sa.select(lemur_requests)).all() == []
