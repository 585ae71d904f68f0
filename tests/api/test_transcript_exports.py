from typing import Any

import pytest
from assemblyai.types import ParagraphsResponse, SentencesResponse, WordSearchMatchResponse

from tests.api.conftest import World, result_of, two_channels

TEXT = "Smoke from wildfires, and more smoke. It is the smoke of many wildfires."


def get(world: World, transcript_id: str, export: str, **query: object) -> Any:  # noqa: ANN401
    answer = world.client.get(
        f"/v2/transcript/{transcript_id}/{export}",
        params=query or None,  # type: ignore[arg-type]  # plain values
    )
    assert answer.status_code == 200, answer.text
    return answer


def test_sentences_come_with_words_and_what_is_said_of_the_whole(world: World) -> None:
    transcript_id = world.completed(result_of(TEXT))
    body = get(world, transcript_id, "sentences").json()
    SentencesResponse(**body)
    assert body.keys() == {
        "sentences",
        "id",
        "confidence",
        "audio_duration",
        "speech_model_used",
    }
    assert body["id"] == transcript_id
    assert [item["text"] for item in body["sentences"]] == [
        "Smoke from wildfires, and more smoke.",
        "It is the smoke of many wildfires.",
    ]
    assert body["audio_duration"] == 8


def test_paragraphs_come_with_words_and_what_is_said_of_the_whole(world: World) -> None:
    body = get(world, world.completed(result_of(TEXT)), "paragraphs").json()
    ParagraphsResponse(**body)
    assert [item["text"] for item in body["paragraphs"]] == [TEXT]
    assert body["confidence"] == pytest.approx(0.9)


def test_sentences_of_channels_name_them(world: World) -> None:
    transcript_id = world.completed(two_channels("Hello there.", "Hi."), multichannel=True)
    body = get(world, transcript_id, "sentences").json()
    assert [item["channel"] for item in body["sentences"]] == ["1", "2"]


@pytest.mark.parametrize("words", ["smoke,wildfires,rain", '["smoke", "wildfires", "rain"]'])
def test_words_are_found_from_a_list_with_commas_or_in_json(world: World, words: str) -> None:
    body = get(world, world.completed(result_of(TEXT)), "word-search", words=words).json()
    WordSearchMatchResponse(**body)
    assert body["total_count"] == 5
    assert [(match["text"], match["count"]) for match in body["matches"]] == [
        ("smoke", 3),
        ("wildfires", 2),
    ]
    assert body["matches"][0]["indexes"] == [0, 5, 9]
    assert body["matches"][0]["timestamps"][0] == [0, 400]


def test_words_may_be_given_one_by_one(world: World) -> None:
    transcript_id = world.completed(result_of(TEXT))
    answer = world.client.get(
        f"/v2/transcript/{transcript_id}/word-search?words=smoke&words=many%20wildfires"
    )
    assert [match["text"] for match in answer.json()["matches"]] == ["smoke", "many wildfires"]


@pytest.mark.parametrize("query", ["", "?words=", "?words=,", "?words=[", "?words=a b c d e f"])
def test_a_search_for_nothing_that_can_be_searched_is_refused(world: World, query: str) -> None:
    transcript_id = world.completed(result_of(TEXT))
    answer = world.client.get(f"/v2/transcript/{transcript_id}/word-search{query}")
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("words must ")


def test_captions_are_plain_text_of_their_format(world: World) -> None:
    transcript_id = world.completed(result_of("Good morning."))
    srt = get(world, transcript_id, "srt")
    assert srt.headers["content-type"] == "text/plain; charset=utf-8"
    assert srt.text == "1\n00:00:00,000 --> 00:00:00,900\nGood morning.\n"
    vtt = get(world, transcript_id, "vtt")
    assert vtt.headers["content-type"] == "text/plain; charset=utf-8"
    assert vtt.text == "WEBVTT\n\n00:00.000 --> 00:00.900\nGood morning.\n"


@pytest.mark.parametrize("export", ["srt", "vtt"])
def test_captions_are_no_longer_than_asked_for(world: World, export: str) -> None:
    transcript_id = world.completed(result_of(TEXT))
    text = get(world, transcript_id, export, chars_per_caption=20).text
    lines = [line for line in text.splitlines() if "-->" not in line]
    assert max(map(len, lines)) <= 20
    assert " ".join(line for line in lines if line[:1].isalpha() and line != "WEBVTT") == TEXT


@pytest.mark.parametrize("export", ["srt", "vtt"])
@pytest.mark.parametrize("value", ["0", "-1", "1.5", "ten", "9" * 5000])
def test_a_length_of_captions_that_is_none_is_refused(
    world: World, export: str, value: str
) -> None:
    transcript_id = world.completed(result_of(TEXT))
    answer = world.client.get(
        f"/v2/transcript/{transcript_id}/{export}", params={"chars_per_caption": value}
    )
    assert answer.status_code == 400
    assert answer.json() == {"error": "chars_per_caption must be an integer of at least 1"}


@pytest.mark.parametrize("export", ["srt", "vtt"])
def test_silence_has_no_captions(world: World, export: str) -> None:
    transcript_id = world.completed(result_of(""))
    answer = world.client.get(f"/v2/transcript/{transcript_id}/{export}")
    assert (answer.status_code, answer.json()) == (400, {"error": "Transcript text is empty"})


def test_silence_has_no_sentences_paragraphs_and_matches(world: World) -> None:
    transcript_id = world.completed(result_of(""))
    assert get(world, transcript_id, "sentences").json()["sentences"] == []
    assert get(world, transcript_id, "paragraphs").json()["paragraphs"] == []
    assert get(world, transcript_id, "word-search", words="a").json()["total_count"] == 0


@pytest.mark.parametrize(
    ("export", "wanted"),
    [
        ("srt", "captions"),
        ("vtt", "captions"),
        ("sentences", "sentences"),
        ("paragraphs", "paragraphs"),
        ("word-search?words=a", "a word search"),
    ],
)
@pytest.mark.parametrize("status", ["queued", "processing", "error"])
def test_what_is_not_completed_cannot_be_exported(
    world: World, export: str, wanted: str, status: str
) -> None:
    transcript_id = world.submit()
    if status == "processing":
        world.begin(transcript_id)
    if status == "error":
        world.fail(transcript_id, "Audio duration is too short.")
    answer = world.client.get(f"/v2/transcript/{transcript_id}/{export}")
    assert answer.status_code == 400
    assert answer.json() == {
        "error": f"This transcript has a status of '{status}'. Transcripts must have a status of "
        f"'completed' before requesting {wanted}."
    }


@pytest.mark.parametrize("export", ["srt", "vtt", "sentences", "paragraphs", "word-search?words=a"])
def test_nothing_of_a_deleted_transcript_can_be_exported(world: World, export: str) -> None:
    transcript_id = world.completed(result_of(TEXT))
    world.client.delete(f"/v2/transcript/{transcript_id}")
    answer = world.client.get(f"/v2/transcript/{transcript_id}/{export}")
    assert answer.status_code == 400
    assert answer.json() == {"error": "Transcript lookup error, transcript id not found"}


@pytest.mark.parametrize("export", ["ass", "txt", "SRT", "word_search"])
def test_other_formats_do_not_exist(world: World, export: str) -> None:
    transcript_id = world.completed(result_of(TEXT))
    answer = world.client.get(f"/v2/transcript/{transcript_id}/{export}")
    assert (answer.status_code, answer.json()) == (404, {"error": "Not found"})
