from datetime import timedelta

import pytest
import sqlalchemy as sa

from earshot.accounts.projects import ensure_project
from earshot.accounts.repeats import (
    Answered,
    Repeatable,
    claim_repeatable,
    find_repeated,
    forget_repeats,
)
from earshot.errors import IdempotencyKeyReused, RequestInvalid
from earshot.storage.schema import submissions
from earshot.testing import NOON

BODY = {"audio_url": "https://example.com/a.mp3", "punctuate": True}
FIRST, SECOND = Answered("1", throttled=True), Answered("2", throttled=False)


def read(key: str, body: dict[str, object] = BODY) -> Repeatable:
    made = Repeatable.read(key, body)
    assert made is not None
    return made


def test_the_order_of_members_and_space_around_the_key_change_nothing() -> None:
    assert read("a") == read(" a ", dict(reversed(BODY.items())))
    assert read("a") != read("b")
    assert read("a") != read("a", {**BODY, "punctuate": False})
    assert Repeatable.read(None, BODY) is None


@pytest.mark.parametrize("key", ["", " ", "a\nb", "x" * 256])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(RequestInvalid, match="Idempotency-Key"):
        read(key)


def test_the_key_and_what_was_submitted_are_kept_as_hashes(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        project_id = ensure_project(conn, "law", NOON).id
        claim_repeatable(conn, project_id, read("my-key"), FIRST, NOON)
        stored = str(conn.execute(sa.select(submissions)).one())
    assert "my-key" not in stored
    assert "example.com" not in stored


def test_the_second_is_answered_as_the_first_for_a_day(engine: sa.Engine) -> None:
    soon, late = NOON + timedelta(hours=24), NOON + timedelta(hours=24, seconds=1)
    with engine.begin() as conn:
        project_id = ensure_project(conn, "law", NOON).id
        for answer, now, expected in ((FIRST, NOON, FIRST), (SECOND, soon, FIRST)):
            assert claim_repeatable(conn, project_id, read("a"), answer, now) == expected
            assert find_repeated(conn, project_id, read("a"), now) == expected
        assert find_repeated(conn, project_id, read("a"), late) is None
        assert claim_repeatable(conn, project_id, read("a"), SECOND, late) == SECOND


def test_another_project_may_have_the_same_key(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        for name, answer in (("law", FIRST), ("press", SECOND)):
            project_id = ensure_project(conn, name, NOON).id
            assert claim_repeatable(conn, project_id, read("a"), answer, NOON) == answer


def test_another_body_with_the_same_key_is_refused(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        project_id = ensure_project(conn, "law", NOON).id
        claim_repeatable(conn, project_id, read("a"), FIRST, NOON)
        with pytest.raises(IdempotencyKeyReused):
            claim_repeatable(conn, project_id, read("a", {}), SECOND, NOON)
        with pytest.raises(IdempotencyKeyReused):
            find_repeated(conn, project_id, read("a", {}), NOON)


def test_what_is_over_is_forgotten(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        project_id = ensure_project(conn, "law", NOON).id
        claim_repeatable(conn, project_id, read("a"), FIRST, NOON)
        forget_repeats(conn, NOON + timedelta(hours=23))
        assert conn.execute(sa.select(submissions)).all() != []
        forget_repeats(conn, NOON + timedelta(hours=25))
        assert conn.execute(sa.select(submissions)).all() == []


def test_a_body_that_is_nested_too_deeply_is_refused() -> None:
    nested: dict[str, object] = {}
    for _ in range(100_000):
        nested = {"a": nested}
    with pytest.raises(RequestInvalid, match="nested"):
        read("a", nested)
