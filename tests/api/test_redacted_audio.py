from urllib.parse import urlsplit

import pytest

from earshot.storage.erasure import redacted_key
from tests.api.conftest import World, result_of

ASKED = {
    "redact_pii": True,
    "redact_pii_policies": ["phone_number"],
    "redact_pii_audio": True,
}
UNAVAILABLE = "There is no redacted audio of this transcript"


def kept(world: World, form: str = "mp3", **parameters: object) -> str:
    """The id of a completed transcript whose redacted audio is there."""
    quality = {"redact_pii_audio_quality": form}
    transcript_id = world.completed(result_of("well said"), **ASKED, **quality, **parameters)
    world.services.media.put(redacted_key(transcript_id, form), [b"beep " * 1000])
    return transcript_id


def link(world: World, transcript_id: str) -> str:
    answer = world.client.get(f"/v2/transcript/{transcript_id}/redacted-audio")
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "redacted_audio_ready"
    url: str = answer.json()["redacted_audio_url"]
    return url


def test_a_transcript_without_it_says_how_to_get_it(world: World) -> None:
    transcript_id = world.completed(result_of("well said"))
    answer = world.client.get(f"/v2/transcript/{transcript_id}/redacted-audio")
    assert answer.status_code == 400
    assert answer.json() == {
        "error": "A redacted audio file for this transcript ID doesn't exist. "
        "Try submitting the transcript again with `redact_pii_audio` set to `true`."
    }


def test_until_it_is_there_the_answer_is_202(world: World) -> None:
    transcript_id = world.submit(**ASKED)
    for begin in (None, world.begin):
        if begin is not None:
            begin(transcript_id)
        answer = world.client.get(f"/v2/transcript/{transcript_id}/redacted-audio")
        assert answer.status_code == 202
        assert answer.json() == {
            "error": "Transcription is still in progress. "
            "Redacted audio will be available after it has completed."
        }


@pytest.mark.parametrize(("form", "media_type"), [("mp3", "audio/mpeg"), ("wav", "audio/wav")])
def test_the_url_opens_the_file_without_a_key(world: World, form: str, media_type: str) -> None:
    url = link(world, kept(world, form))
    assert urlsplit(url).netloc == "testserver"
    assert urlsplit(url).path.endswith(f".{form}")
    answer = world.client_with(None).get(url)
    assert answer.status_code == 200
    assert answer.content == b"beep " * 1000
    assert answer.headers["content-type"] == media_type
    assert answer.headers["content-length"] == "5000"
    assert answer.headers["cache-control"] == "private, no-store"


def test_a_player_asks_for_parts(world: World) -> None:
    url, player = link(world, kept(world)), world.client_with(None)
    head = player.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["accept-ranges"] == "bytes"
    assert head.headers["content-length"] == "5000"
    assert head.headers["content-type"] == "audio/mpeg"
    same = {"If-Range": head.headers["etag"]}
    part = player.get(url, headers={"Range": "bytes=5-9", **same})
    assert (part.status_code, part.content) == (206, b"beep ")
    assert part.headers["content-range"] == "bytes 5-9/5000"
    assert part.headers["content-length"] == "5"
    assert part.headers["content-type"] == "audio/mpeg"
    last = player.get(url, headers={"Range": "bytes=-3"})
    assert (last.status_code, last.content) == (206, b"ep ")
    everything = player.get(url, headers={"Range": "bytes=0-"})
    assert (everything.status_code, everything.content) == (206, b"beep " * 1000)
    for header in ({"Range": "bytes=5-9", "If-Range": '"another"'}, {"Range": "bytes=5-9,20-29"}):
        whole = player.get(url, headers=header)
        assert (whole.status_code, whole.content) == (200, b"beep " * 1000)


def test_a_part_that_the_file_has_not_is_refused_with_its_size(world: World) -> None:
    answer = world.client_with(None).get(link(world, kept(world)), headers={"Range": "bytes=5000-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == "bytes */5000"
    assert answer.json() == {"error": "The file has no bytes there"}


def test_a_look_at_it_needs_the_signature_too(world: World) -> None:
    url, player = link(world, kept(world)), world.client_with(None)
    assert player.head(url.partition("?")[0]).status_code == 403
    world.clock.turn(hours=24.1)
    assert player.head(url).status_code == 403
    assert player.get(url, headers={"Range": "bytes=0-1"}).status_code == 403


def test_a_page_of_another_site_reads_where_the_part_is(world: World) -> None:
    headers = {"Range": "bytes=5-9", "Origin": "https://app.example"}
    answer = world.client_with(None).get(link(world, kept(world)), headers=headers)
    assert "Content-Range" in answer.headers["access-control-expose-headers"]


def test_the_url_is_good_for_a_day(world: World) -> None:
    url = link(world, kept(world))
    world.clock.turn(hours=23.9)
    assert world.client_with(None).get(url).status_code == 200
    world.clock.turn(hours=0.2)
    answer = world.client_with(None).get(url)
    assert (answer.status_code, answer.json()) == (403, {"error": "AccessDenied"})


def test_a_url_that_was_tampered_with_opens_nothing(world: World) -> None:
    first, second = kept(world), kept(world)
    url = link(world, first)
    path, _, query = url.partition("?")
    for wrong in (
        path,
        f"{path}?{query[:-1]}",
        f"{path.replace(first, second)}?{query}",
        f"{path.replace('mp3', 'wav')}?{query}",
        url.replace("expires=", "expires=1"),
        f"{path.replace(first, 'nobody')}?{query}",
        f"{path.replace(first, '..%2Fuploads')}?{query}",
    ):
        assert world.client_with(None).get(wrong).status_code in (403, 404), wrong


def test_a_file_that_is_gone_is_a_400_under_both_urls(world: World) -> None:
    transcript_id = kept(world)
    url = link(world, transcript_id)
    world.services.media.delete(redacted_key(transcript_id, "mp3"))
    for answer in (
        world.client.get(f"/v2/transcript/{transcript_id}/redacted-audio"),
        world.client_with(None).get(url),
    ):
        assert answer.status_code == 400
        assert answer.json()["error"].startswith(UNAVAILABLE)


def test_of_a_failed_transcript_there_is_none(world: World) -> None:
    transcript_id = world.submit(**ASKED)
    world.fail(transcript_id, "too short")
    answer = world.client.get(f"/v2/transcript/{transcript_id}/redacted-audio")
    assert answer.status_code == 400


def test_it_goes_with_its_transcript(world: World) -> None:
    transcript_id = kept(world)
    url = link(world, transcript_id)
    assert world.client.delete(f"/v2/transcript/{transcript_id}").status_code == 200
    assert world.client_with(None).get(url).status_code == 403
    assert world.client.get(f"/v2/transcript/{transcript_id}/redacted-audio").status_code == 400
    assert world.stored_files() == []


def test_what_was_made_of_a_transcript_that_is_cancelled_goes_too(world: World) -> None:
    transcript_id = world.submit(**ASKED)
    world.services.media.put(redacted_key(transcript_id, "mp3"), [b"beep"])
    assert world.client.post(f"/v2/transcript/{transcript_id}/cancel").status_code == 200
    assert world.stored_files() == []


def test_another_project_does_not_see_it(world: World) -> None:
    transcript_id = kept(world)
    other = world.client_with(world.new_key("theirs", "other"))
    answer = other.get(f"/v2/transcript/{transcript_id}/redacted-audio")
    assert answer.json() == {"error": "Transcript lookup error, transcript id not found"}


def test_where_the_caller_reached_the_server_is_kept_for_the_webhook(world: World) -> None:
    row = world.row(world.submit(**ASKED))
    assert row.options.redacted_audio is not None
    assert row.options.redacted_audio.base_url == "http://testserver"
