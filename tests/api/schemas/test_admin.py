from datetime import date

import pytest

from earshot.accounts.limits import ProjectLimits
from earshot.accounts.usage import UsageLine
from earshot.api.schemas.admin import (
    NewProjectBody,
    ProjectChangeBody,
    key_body,
    project_body,
    usage_item,
)
from earshot.errors import RequestInvalid
from earshot.storage.api_keys import ApiKeyRow
from earshot.storage.projects import ProjectRow
from earshot.storage.usage import UsageRow
from earshot.testing import NOON


def test_limits_that_are_absent_or_null_are_none() -> None:
    change = ProjectChangeBody.parse({"limits": {"live_sessions": 3, "requests_per_5_min": None}})
    assert change.limits is not None
    assert change.limits.limits == ProjectLimits(live_sessions=3)
    assert ProjectChangeBody.parse({"name": "law"}).limits is None


@pytest.mark.parametrize("limit", [0, -1, 1.5, "3", True, 2**31])
def test_what_is_no_limit_is_named(limit: object) -> None:
    with pytest.raises(RequestInvalid, match=r"limits\.live_sessions must be a whole number"):
        ProjectChangeBody.parse({"limits": {"live_sessions": limit}})


def test_a_member_that_there_is_not_is_named() -> None:
    for body, name in (
        ({"limits": {"live_sesions": 1}}, "limits.live_sesions"),
        ({"limit": {}}, "limit"),
        ({"a\nb": 1}, "that"),
    ):
        with pytest.raises(RequestInvalid, match=f"^{name} is not known; there are "):
            ProjectChangeBody.parse(body)
    with pytest.raises(RequestInvalid, match=r"^limits is not known; there are name$"):
        NewProjectBody.parse({"name": "law", "limits": {}})


def test_a_name_must_be_there() -> None:
    with pytest.raises(RequestInvalid, match="name must be a string"):
        NewProjectBody.parse({})


def test_a_project_shows_its_limits_and_no_secret() -> None:
    row = ProjectRow("p", "law", "whsec_hidden", NOON, limits={"live_sessions": 2})
    body = project_body(row)
    assert (body.name, body.limits.live_sessions, body.limits.requests_per_5_min) == (
        "law",
        2,
        None,
    )
    assert "hidden" not in body.model_dump_json()


def test_a_key_shows_its_start_and_no_hash() -> None:
    row = ApiKeyRow("k", "p", "law", "app", "the-hash", "12345678", NOON, None, NOON)
    body = key_body(row)
    assert (body.hint, body.revoked, body.last_used) == ("12345678", NOON, None)
    assert "the-hash" not in body.model_dump_json()


def test_usage_is_shown_in_seconds() -> None:
    total = UsageRow(
        day=date(2026, 3, 2),
        project_id="p",
        key_id=None,
        product="streaming",
        model=None,
        audio_ms=1500,
        session_ms=2500,
    )
    item = usage_item(UsageLine(total, "law", None, 0.25))
    assert (item.audio_seconds, item.session_seconds, item.cost) == (1.5, 2.5, 0.25)
    assert (item.project, item.key_id, item.model) == ("law", None, None)
