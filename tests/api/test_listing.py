from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from assemblyai.types import ListTranscriptResponse

from tests.api.conftest import World, result_of


def page(world: World, url: str = "/v2/transcript", **query: object) -> dict[str, Any]:
    answer = world.client.get(url, params=query or None)  # type: ignore[arg-type]  # plain values
    assert answer.status_code == 200, answer.text
    ListTranscriptResponse.model_validate(answer.json())
    body: dict[str, Any] = answer.json()
    return body


def ids(body: dict[str, Any]) -> list[str]:
    return [item["id"] for item in body["transcripts"]]


def test_nothing_submitted_is_an_empty_page(world: World) -> None:
    assert page(world) == {
        "page_details": {
            "limit": 10,
            "result_count": 0,
            "current_url": "http://testserver/v2/transcript",
            "prev_url": None,
            "next_url": None,
        },
        "transcripts": [],
    }


def test_the_newest_come_first_with_a_url_for_each(world: World) -> None:
    first, second = world.submit(), world.completed(result_of("Good morning."))
    body = page(world)
    assert ids(body) == [second, first]
    item = body["transcripts"][0]
    assert item["resource_url"] == f"http://testserver/v2/transcript/{second}"
    assert (item["status"], item["error"]) == ("completed", None)
    assert item["completed"] > item["created"]
    assert body["transcripts"][1]["completed"] is None
    assert page(world, item["resource_url"].replace("/v2/transcript/", "/v2/transcript?x="))


def test_following_the_urls_leads_through_every_page_and_back(world: World) -> None:
    submitted = [world.submit() for _ in range(7)]
    seen: list[str] = []
    pages: list[dict[str, Any]] = [page(world, limit=3, status="queued")]
    while pages[-1]["page_details"]["prev_url"] is not None:
        pages.append(page(world, pages[-1]["page_details"]["prev_url"]))
    for body in pages:
        seen += ids(body)
    assert seen == submitted[::-1]
    assert [body["page_details"]["result_count"] for body in pages] == [3, 3, 1]
    back = page(world, pages[-1]["page_details"]["next_url"])
    assert ids(back) == ids(pages[1])
    assert ids(page(world, back["page_details"]["next_url"])) == ids(pages[0])
    assert pages[0]["page_details"]["next_url"] is None


def test_the_urls_keep_the_filters(world: World) -> None:
    for _ in range(2):
        world.submit()
    details = page(world, limit=1, status="queued", created_on="2026-03-05")["page_details"]
    query = parse_qs(urlsplit(details["prev_url"]).query)
    assert query.keys() == {"limit", "status", "created_on", "before_id"}
    assert details["current_url"].startswith("http://testserver/v2/transcript?limit=1&status=")


def test_before_and_after_are_exclusive(world: World) -> None:
    first, second, third = (world.submit() for _ in range(3))
    assert ids(page(world, before_id=second)) == [first]
    assert ids(page(world, after_id=second)) == [third]


def test_only_those_of_a_status_are_listed(world: World) -> None:
    queued = world.submit()
    failed = world.submit()
    world.fail(failed, "Audio duration is too short.")
    assert ids(page(world, status="queued")) == [queued]
    [item] = page(world, status="error")["transcripts"]
    assert item["error"] == "Audio duration is too short."


def test_only_those_that_wait_for_the_account_are_listed(world: World) -> None:
    world.submit()
    world.jobs.n_loaded = 200
    throttled = world.submit()
    assert ids(page(world, throttled_only="true", status="completed")) == [throttled]


def test_a_day_is_a_day_in_utc(world: World) -> None:
    today = world.submit()
    world.clock.turn(days=1)
    tomorrow = world.submit()
    assert ids(page(world, created_on="2026-03-05")) == [today]
    assert ids(page(world, created_on="2026-03-06")) == [tomorrow]
    assert ids(page(world, created_on="2026-03-07")) == []


def test_what_is_older_than_ninety_days_is_not_listed_and_can_still_be_read(world: World) -> None:
    old = world.submit()
    world.clock.turn(days=91)
    new = world.submit()
    body = page(world)
    assert ids(body) == [new]
    assert body["page_details"]["prev_url"] is None
    assert world.client.get(f"/v2/transcript/{old}").status_code == 200


def test_a_deleted_transcript_stays_in_the_list_without_its_url(world: World) -> None:
    transcript_id = world.completed(result_of("Good morning."))
    world.client.delete(f"/v2/transcript/{transcript_id}")
    [item] = page(world)["transcripts"]
    assert (item["id"], item["audio_url"]) == (transcript_id, "http://deleted_by_user")


def test_a_project_lists_its_own(world: World) -> None:
    world.submit()
    client = world.client_with(world.new_key("theirs", "other"))
    assert client.get("/v2/transcript").json()["transcripts"] == []


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"limit": "0"}, "limit must be an integer between 1 and 200"),
        ({"limit": "201"}, "limit must be an integer between 1 and 200"),
        ({"before_id": "nope"}, "Transcript lookup error, transcript id not found"),
        ({"after_id": "nope"}, "Transcript lookup error, transcript id not found"),
    ],
)
def test_a_query_that_means_nothing_is_refused(
    world: World, query: dict[str, str], error: str
) -> None:
    answer = world.client.get("/v2/transcript", params=query)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_an_after_that_is_older_than_the_before_is_refused(world: World) -> None:
    older, newer = world.submit(), world.submit()
    answer = world.client.get("/v2/transcript", params={"after_id": older, "before_id": newer})
    assert answer.status_code == 400
    assert answer.json() == {"error": "'after_id' must be a newer transcript than 'before_id'"}
    assert ids(page(world, after_id=newer, before_id=older)) == []
