import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from assemblyai.types import TranscriptResponse

from earshot.egress.buckets import parse_buckets
from earshot.errors import DatabaseUnavailable
from earshot.storage.database import open_database, upgrade_schema
from tests.api.conftest import AUDIO_URL, World, result_of, two_channels

NOT_FOUND = {"error": "Transcript lookup error, transcript id not found"}


def get(world: World, transcript_id: str) -> dict[str, Any]:
    answer = world.client.get(f"/v2/transcript/{transcript_id}")
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def test_submitting_answers_200_with_the_queued_transcript(world: World) -> None:
    answer = world.client.post("/v2/transcript", json={"audio_url": AUDIO_URL})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert (body["status"], body["audio_url"], body["text"]) == ("queued", AUDIO_URL, None)
    assert get(world, body["id"]) == body


def test_a_transcript_goes_from_queued_to_completed(world: World) -> None:
    transcript_id = world.submit(format_text=False)
    assert get(world, transcript_id)["status"] == "queued"
    world.begin(transcript_id)
    assert get(world, transcript_id)["status"] == "processing"
    world.complete(transcript_id, result_of("Good morning."))
    body = get(world, transcript_id)
    assert (body["status"], body["text"], body["format_text"]) == (
        "completed",
        "Good morning.",
        False,
    )


def test_a_failure_of_the_work_is_a_status_and_not_an_http_error(world: World) -> None:
    transcript_id = world.submit()
    world.fail(transcript_id, "Audio duration is too short.")
    body = get(world, transcript_id)
    assert (body["status"], body["error"]) == ("error", "Audio duration is too short.")


def test_the_body_on_the_wire_has_the_aliases_and_channels_of_the_contract(world: World) -> None:
    transcript_id = world.completed(
        two_channels("hello there", "hi"),
        multichannel=True,
        custom_spelling=[{"from": "s q l", "to": "SQL"}],
    )
    body = get(world, transcript_id)
    TranscriptResponse(**body)
    assert body["custom_spelling"] == [{"from": ["s q l"], "to": "SQL"}]
    assert body["utterances"][1]["channel"] == "2"


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"audio_url": None}, "Transcript creation error, audio_url not found"),
        ({"audio_url": "a.mp3"}, "Transcript creation error, audio_url should start with http"),
        ({"format_text": "yes"}, "format_text must be a Boolean"),
        ({"domain": "medical-v1"}, "domain is not available on this server yet"),
        (
            {"language_code": "es"},
            "language_code 'es' is not available on this server: no installed model transcribes "
            "it. Run: earshot models pull whisper-small",
        ),
    ],
)
def test_a_request_that_breaks_a_rule_is_refused(
    world: World, parameters: dict[str, object], error: str
) -> None:
    answer = world.client.post("/v2/transcript", json={"audio_url": AUDIO_URL, **parameters})
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_an_upload_of_another_project_is_forbidden(world: World) -> None:
    upload_url = world.upload()
    client = world.client_with(world.new_key("theirs", "other"))
    answer = client.post("/v2/transcript", json={"audio_url": upload_url})
    assert (answer.status_code, answer.json()) == (403, {"error": "Cannot access uploaded file"})


def test_a_second_key_of_the_project_sees_the_same(world: World) -> None:
    upload_url = world.upload()
    client = world.client_with(world.new_key("second", "default"))
    answer = client.post("/v2/transcript", json={"audio_url": upload_url})
    assert answer.status_code == 200
    assert get(world, answer.json()["id"])["audio_url"] == upload_url


@pytest.mark.parametrize("transcript_id", ["nope", "6d7f0a60-3a5b-4a4f-8f8d-123456789abc", "%00"])
@pytest.mark.parametrize(
    ("method", "sub_path"),
    [
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/cancel"),
        ("GET", "/sentences"),
        ("GET", "/paragraphs"),
        ("GET", "/srt"),
        ("GET", "/vtt"),
        ("GET", "/word-search?words=a"),
        ("GET", "/redacted-audio"),
    ],
)
def test_an_unknown_id_is_a_400(
    world: World, method: str, sub_path: str, transcript_id: str
) -> None:
    answer = world.client.request(method, f"/v2/transcript/{transcript_id}{sub_path}")
    assert (answer.status_code, answer.json()) == (400, NOT_FOUND)


def test_another_projects_transcript_is_unknown(world: World) -> None:
    transcript_id = world.submit()
    client = world.client_with(world.new_key("theirs", "other"))
    answer = client.get(f"/v2/transcript/{transcript_id}")
    assert (answer.status_code, answer.json()) == (400, NOT_FOUND)


def test_deleting_answers_what_getting_then_answers_and_again(world: World) -> None:
    transcript_id = world.completed(result_of("Good morning."))
    deleted = world.client.delete(f"/v2/transcript/{transcript_id}")
    assert deleted.status_code == 200
    assert deleted.json()["text"] == "Deleted by user."
    assert get(world, transcript_id) == deleted.json()
    again = world.client.delete(f"/v2/transcript/{transcript_id}")
    assert (again.status_code, again.json()) == (200, deleted.json())


def test_deleting_what_is_under_way_is_refused(world: World) -> None:
    transcript_id = world.submit()
    answer = world.client.delete(f"/v2/transcript/{transcript_id}")
    assert (answer.status_code, answer.json()) == (400, NOT_FOUND)
    assert get(world, transcript_id)["status"] == "queued"


def test_cancelling_answers_the_ended_transcript_and_again(world: World) -> None:
    transcript_id = world.submit()
    for _ in range(2):
        answer = world.client.post(f"/v2/transcript/{transcript_id}/cancel")
        assert answer.status_code == 200
        assert answer.json()["status"] == "error"
        assert answer.json()["error"] == "Cancelled by user."


def test_cancelling_what_is_completed_is_refused(world: World) -> None:
    transcript_id = world.completed(result_of("Good morning."))
    answer = world.client.post(f"/v2/transcript/{transcript_id}/cancel")
    assert answer.status_code == 400
    assert answer.json() == {
        "error": "This transcript has a status of 'completed' and cannot be cancelled."
    }


def test_a_throttled_transcript_says_so_until_it_begins(world: World) -> None:
    world.jobs.n_loaded = 200
    transcript_id = world.submit()
    assert get(world, transcript_id)["throttled"] is True
    world.begin(transcript_id)
    assert get(world, transcript_id)["throttled"] is False


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
def test_what_came_through_a_proxy_may_not_reach_private_hosts(world: World, header: str) -> None:
    assert world.row(world.submit()).allows_private_hosts
    answer = world.client.post(
        "/v2/transcript", json={"audio_url": AUDIO_URL}, headers={header: "203.0.113.7"}
    )
    assert not world.row(answer.json()["id"]).allows_private_hosts


def test_text_of_any_script_survives(world: World) -> None:
    transcript_id = world.completed(result_of('Zoë 日本 🇸🇬 "quoted" \\ </script>'))
    assert get(world, transcript_id)["text"] == 'Zoë 日本 🇸🇬 "quoted" \\ </script>'


def test_a_submission_lives_its_life_on_every_database(
    database_url: str, make_world: Callable[[sa.Engine], World]
) -> None:
    engine = open_database(database_url)
    upgrade_schema(engine)
    world = make_world(engine)
    upload_url = world.upload(b"media")
    transcript_id = world.submit(audio_url=upload_url, topics=["é"])
    world.complete(transcript_id, result_of("Good morning."))
    body = get(world, transcript_id)
    assert (body["text"], body["topics"]) == ("Good morning.", ["é"])
    assert json.dumps(body["metadata"]["warnings"]) == (
        '[{"message": "topics has no effect without custom_topics"}]'
    )
    listed = world.client.get("/v2/transcript").json()["transcripts"]
    assert [item["id"] for item in listed] == [transcript_id]
    assert world.client.delete(f"/v2/transcript/{transcript_id}").status_code == 200
    assert world.stored_files() == []
    for unknown in ("nope", "%00", "%F0%9F%98%80", "' OR 1=1"):
        assert world.client.get(f"/v2/transcript/{unknown}").json() == NOT_FOUND
    engine.dispose()


class TestIdempotency:
    KEY: ClassVar = {"Idempotency-Key": "order-66"}

    def test_the_same_submit_is_answered_as_the_first_was(self, world: World) -> None:
        body = {"audio_url": AUDIO_URL, "word_boost": ["one"]}
        first = world.client.post("/v2/transcript", json=body, headers=self.KEY)
        world.complete(first.json()["id"], result_of("said"))
        second = world.client.post("/v2/transcript", json=body, headers=self.KEY)
        assert second.status_code == 200
        assert second.json() == first.json()
        assert len(world.jobs.submitted) == 1

    def test_another_body_is_refused(self, world: World) -> None:
        first = {"audio_url": AUDIO_URL}
        world.client.post("/v2/transcript", json=first, headers=self.KEY)
        changed = {**first, "punctuate": False}
        answer = world.client.post("/v2/transcript", json=changed, headers=self.KEY)
        assert answer.status_code == 422
        assert "Idempotency-Key" in answer.json()["error"]
        assert len(world.jobs.submitted) == 1

    def test_the_first_answer_stands_where_settings_have_changed_since(self, world: World) -> None:
        body = {"audio_url": "s3://calls/a.wav"}
        before = world.client_with(world.key, buckets=parse_buckets(["s3://calls"]))
        first = before.post("/v2/transcript", json=body, headers=self.KEY)
        second = world.client.post("/v2/transcript", json=body, headers=self.KEY)
        assert (first.status_code, second.json()) == (200, first.json())
        assert world.client.post("/v2/transcript", json=body).status_code == 400

    def test_what_was_refused_can_be_put_right_with_the_same_key(self, world: World) -> None:
        wrong = world.client.post("/v2/transcript", json={}, headers=self.KEY)
        right = world.client.post("/v2/transcript", json={"audio_url": AUDIO_URL}, headers=self.KEY)
        assert (wrong.status_code, right.status_code) == (400, 200)

    def test_what_could_not_be_queued_is_not_remembered(self, world: World) -> None:
        body = {"audio_url": AUDIO_URL}
        world.jobs.failure = DatabaseUnavailable()
        assert world.client.post("/v2/transcript", json=body, headers=self.KEY).status_code == 503
        world.jobs.failure = None
        assert world.client.post("/v2/transcript", json=body, headers=self.KEY).status_code == 200
        assert len(world.jobs.submitted) == 1

    def test_another_project_s_key_is_another_key(self, world: World) -> None:
        other = world.client_with(world.new_key("other", "other"))
        for client in (world.client, other):
            body = {"audio_url": AUDIO_URL}
            assert client.post("/v2/transcript", json=body, headers=self.KEY).status_code == 200
        assert len(world.jobs.submitted) == 2

    def test_a_deleted_transcript_is_told_to_be_deleted(self, world: World) -> None:
        body = {"audio_url": AUDIO_URL}
        first = world.client.post("/v2/transcript", json=body, headers=self.KEY).json()
        world.complete(first["id"], result_of("said"))
        world.client.delete(f"/v2/transcript/{first['id']}")
        second = world.client.post("/v2/transcript", json=body, headers=self.KEY).json()
        assert (second["id"], second["audio_url"]) == (first["id"], "http://deleted_by_user")

    def test_a_day_later_it_is_a_new_submit(self, world: World) -> None:
        body = {"audio_url": AUDIO_URL}
        first = world.client.post("/v2/transcript", json=body, headers=self.KEY).json()
        world.clock.turn(hours=25)
        second = world.client.post("/v2/transcript", json=body, headers=self.KEY).json()
        assert second["id"] != first["id"]


def test_of_a_hundred_same_submits_at_once_one_is_done(
    database_url: str, make_world: Callable[[sa.Engine], World]
) -> None:
    engine = open_database(database_url)
    upgrade_schema(engine)
    world = make_world(engine)
    client = world.client

    def submit(_: int) -> tuple[int, str]:
        headers = {"Idempotency-Key": "order-66"}
        answer = client.post("/v2/transcript", json={"audio_url": AUDIO_URL}, headers=headers)
        return answer.status_code, answer.text

    with ThreadPoolExecutor(100) as pool:
        answers = set(pool.map(submit, range(100)))
    engine.dispose()
    assert [status for status, _ in answers] == [200]
    assert len(world.jobs.submitted) == 1
