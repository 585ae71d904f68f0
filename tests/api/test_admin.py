from datetime import date

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from earshot.accounts.admin_keys import create_admin_key
from earshot.accounts.prices import read_prices
from earshot.accounts.usage import Product, UsageOwner, record_audio
from earshot.api.app import create_app
from earshot.storage.database import reading
from earshot.storage.projects import find_project_by_name
from tests.api.conftest import NOON, World, result_of

UNKNOWN = "0d7f5f52-6b0b-4a49-9f3b-9f6e9b5a0f3e"


@pytest.fixture
def admin(world: World) -> TestClient:
    with world.services.engine.begin() as conn:
        key = create_admin_key(conn, "ops", world.clock()).secret
    return TestClient(create_app(world.services), headers={"Authorization": key})


def default_id(world: World) -> str:
    with reading(world.services.engine) as conn:
        project = find_project_by_name(conn, "default")
    assert project is not None
    return project.id


def use(world: World, project_id: str, audio_ms: int) -> None:
    with world.services.engine.begin() as conn:
        owner = UsageOwner(project_id, None)
        product = Product.TRANSCRIPTION
        record_audio(conn, owner, product, "moonshine-tiny", audio_ms=audio_ms, now=NOON)


def test_without_an_admin_key_there_is_no_such_api(world: World) -> None:
    for client in (world.client, world.client_with(None)):
        answer = client.get("/admin/v1/projects")
        assert (answer.status_code, answer.json()) == (404, {"error": "Not found"})


def test_an_api_key_administers_nothing_and_an_admin_key_opens_nothing_else(
    world: World, admin: TestClient
) -> None:
    assert world.client.get("/admin/v1/projects").status_code == 401
    assert world.client_with(None).get("/admin/v1/projects").status_code == 401
    assert admin.get("/v2/transcript").status_code == 401
    assert admin.get("/admin/v1/projects").status_code == 200


def test_a_project_is_made_renamed_and_found(admin: TestClient) -> None:
    made = admin.post("/admin/v1/projects", json={"name": "law"}).json()
    assert admin.post("/admin/v1/projects", json={"name": "law"}).status_code == 409
    path = f"/admin/v1/projects/{made['id']}"
    assert admin.patch(path, json={"name": "court"}).json()["name"] == "court"
    assert admin.patch(path, json={"name": "default"}).status_code == 409
    assert admin.get(path).json()["name"] == "court"
    listed = admin.get("/admin/v1/projects").json()["projects"]
    assert [project["name"] for project in listed] == ["default", "court"]


def test_a_project_that_settings_go_by_keeps_its_name(world: World, admin: TestClient) -> None:
    client = world.client_with(None, projects_in_settings=frozenset({"default"}))
    client.headers["Authorization"] = admin.headers["Authorization"]
    path = f"/admin/v1/projects/{default_id(world)}"
    answer = client.patch(path, json={"name": "court"})
    assert answer.status_code == 409
    assert "settings name the project 'default'" in answer.json()["error"]


def test_limits_are_set_all_at_once_and_taken_away(world: World, admin: TestClient) -> None:
    path = f"/admin/v1/projects/{default_id(world)}"
    limits = {"requests_per_5_min": 100, "live_sessions": 2}
    shown = admin.patch(path, json={"limits": limits}).json()["limits"]
    assert {name: value for name, value in shown.items() if value is not None} == limits
    assert set(admin.patch(path, json={"limits": {}}).json()["limits"].values()) == {None}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "name must be a string"),
        ({"name": 1}, "name must be a string"),
        (
            {"name": " "},
            "name must be printable, not empty, of 200 characters at most",
        ),
        ({"name": "law "}, "name must not begin or end with a space"),
        ({"name": "deleted:1"}, "name must not begin with 'deleted:': deleted projects do"),
        ({"name": "law", "limits": {}}, "limits is not known; there are name"),
    ],
)
def test_a_name_that_is_none_is_refused(
    admin: TestClient, body: dict[str, object], error: str
) -> None:
    answer = admin.post("/admin/v1/projects", json=body)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_a_limit_of_nothing_is_refused(world: World, admin: TestClient) -> None:
    path = f"/admin/v1/projects/{default_id(world)}"
    answer = admin.patch(path, json={"limits": {"live_sessions": 0}})
    assert answer.status_code == 400
    assert answer.json()["error"] == "limits.live_sessions must be a whole number over 0"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"limits": {"live_sesions": 1}}, "limits.live_sesions is not known; there are"),
        ({"limit": {}}, "limit is not known; there are name, limits"),
        ({"limits": [1]}, "limits must be an object of limits"),
        ({"limits": {"live_sessions": 2**31}}, "limits.live_sessions must be a whole number"),
        ({"limits": {"live_sessions": True}}, "limits.live_sessions must be a whole number"),
    ],
)
def test_a_change_that_is_none_takes_no_limit_away(
    world: World, admin: TestClient, body: dict[str, object], error: str
) -> None:
    path = f"/admin/v1/projects/{default_id(world)}"
    admin.patch(path, json={"limits": {"live_sessions": 2}})
    answer = admin.patch(path, json=body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(error)
    assert admin.get(path).json()["limits"]["live_sessions"] == 2


def test_a_key_is_shown_once_works_at_once_and_dies_when_it_is_revoked(
    world: World, admin: TestClient
) -> None:
    made = admin.post(f"/admin/v1/projects/{default_id(world)}/keys", json={"name": "app"}).json()
    client = world.client_with(made["key"])
    assert client.get("/v2/transcript").status_code == 200
    listed = admin.get("/admin/v1/keys", params={"project_id": made["project_id"]}).json()["keys"]
    assert [key["name"] for key in listed] == ["first", "app"]
    assert made["key"] not in str(listed)
    assert admin.get("/admin/v1/keys", params={"project_id": "x"}).json() == {"keys": []}
    assert admin.delete(f"/admin/v1/keys/{made['id']}").json()["revoked"] is not None
    assert client.get("/v2/transcript").status_code == 401
    assert admin.delete(f"/admin/v1/keys/{made['id']}").status_code == 404


def test_what_is_not_there_is_not_found(admin: TestClient) -> None:
    for method, path, body in (
        ("GET", f"/admin/v1/projects/{UNKNOWN}", None),
        ("PATCH", f"/admin/v1/projects/{UNKNOWN}", {"name": "x"}),
        ("DELETE", f"/admin/v1/projects/{UNKNOWN}", None),
        ("POST", f"/admin/v1/projects/{UNKNOWN}/keys", {"name": "x"}),
        ("DELETE", "/admin/v1/keys/%00", None),
        ("GET", "/admin/v1/projects/%00", None),
    ):
        assert admin.request(method, path, json=body).status_code == 404, path


def test_a_deleted_project_s_key_dies_and_its_transcripts_go(
    world: World, admin: TestClient
) -> None:
    done = world.completed(result_of("to be forgotten"))
    waiting = world.submit()
    world.upload()
    project_id = default_id(world)
    assert admin.delete(f"/admin/v1/projects/{project_id}").status_code == 204
    assert world.client.get("/v2/transcript").status_code == 401
    assert world.stored_files() == []
    assert {world.row(done).audio_url, world.row(waiting).audio_url} == {"http://deleted_by_user"}
    assert waiting in world.jobs.cancelled
    assert world.jobs.forgotten == [done, waiting]
    assert admin.get("/admin/v1/projects").json() == {"projects": []}
    again = world.new_key("first", "default")
    assert world.client_with(again).get("/v2/transcript").json()["transcripts"] == []


def test_usage_is_told_by_the_columns_that_are_asked_for(world: World, admin: TestClient) -> None:
    project_id = default_id(world)
    use(world, project_id, 60_000)
    (item,) = admin.get("/admin/v1/usage").json()["usage"]
    assert item == {
        "day": str(NOON.date()),
        "project_id": project_id,
        "project": "default",
        "key_id": "",
        "key": None,
        "product": "transcription",
        "model": "moonshine-tiny",
        "requests": 1,
        "audio_seconds": 60.0,
        "session_seconds": 0.0,
        "input_tokens": 0,
        "output_tokens": 0,
        "cost": None,
    }
    (by_project,) = admin.get("/admin/v1/usage", params={"by": "project"}).json()["usage"]
    assert (by_project["project"], by_project["day"], by_project["model"]) == (
        "default",
        None,
        None,
    )
    later = {"from": str(date(2026, 3, 6))}
    assert admin.get("/admin/v1/usage", params=later).json() == {"usage": []}
    assert admin.get("/admin/v1/usage", params={"project_id": "x"}).json() == {"usage": []}


def test_usage_costs_what_the_operator_says(world: World, admin: TestClient) -> None:
    use(world, default_id(world), 1_800_000)
    priced = world.client_with(None, prices=read_prices(["transcription=0.5"]))
    priced.headers["Authorization"] = admin.headers["Authorization"]
    (item,) = priced.get("/admin/v1/usage", params={"by": "project"}).json()["usage"]
    assert item["cost"] == pytest.approx(0.25)


@pytest.mark.parametrize(
    "query",
    [
        {"from": "yesterday"},
        {"to": "2026-02-30"},
        {"by": "colour"},
        {"from": "2026-03-02", "to": "2026-03-01"},
    ],
    ids=str,
)
def test_a_query_that_means_nothing_is_refused(admin: TestClient, query: dict[str, str]) -> None:
    assert admin.get("/admin/v1/usage", params=query).status_code == 400


def test_an_admin_key_s_use_is_recorded(world: World, admin: TestClient) -> None:
    admin.get("/admin/v1/keys")
    with world.services.engine.begin() as conn:
        used = conn.execute(sa.text("select last_used_at from admin_keys")).scalar_one()
    assert used is not None
