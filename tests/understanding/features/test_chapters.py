import json
from typing import Any

from earshot.egress.client import GuardedClient
from earshot.llm.endpoints import LlmEndpoint
from earshot.llm.language_models import LanguageModels
from earshot.transcript.options import UnderstandingOptions
from earshot.transcript.words import Word
from earshot.understanding.feature import FinishedTranscript
from earshot.understanding.features.chapters import MIN_CHAPTER_MS, ChaptersFeature
from earshot.understanding.material import MAX_PART_CHARS
from tests.llm.server import Reply, serving

SMOKE = "Smoke from the wildfires lowers air quality. Wildfires and smoke, bad air quality. " * 5
FOOD = "The restaurant serves noodles and soup. Soup with noodles in the restaurant! " * 5
CHAPTERS = UnderstandingOptions(chapters=True)


def transcript_of(text: str, word_ms: int = 400) -> FinishedTranscript:
    words = [
        Word(t, word_ms * i, word_ms * i + word_ms - 50, 0.9) for i, t in enumerate(text.split())
    ]
    return FinishedTranscript(tuple(words), "en_us")


def test_a_talk_about_two_things_has_two_chapters() -> None:
    transcript = transcript_of(SMOKE + FOOD)
    first, second = ChaptersFeature().find(transcript, CHAPTERS).chapters or ()
    assert "smoke" in first.headline.lower()
    assert "restaurant" in second.summary
    assert first.start_ms == 0
    assert second.end_ms == transcript.words[-1].end_ms
    assert first.end_ms <= second.start_ms
    assert min(len(first.gist), len(second.gist)) > 0


def test_no_chapter_is_too_short_to_look_for() -> None:
    said_in_a_hurry = transcript_of(SMOKE + FOOD, word_ms=100)
    chapters = ChaptersFeature().find(said_in_a_hurry, CHAPTERS).chapters or ()
    assert len(chapters) == 1
    assert chapters[0].end_ms < 2 * MIN_CHAPTER_MS


def test_a_chapter_ends_before_the_next_begins_where_two_speak_at_once() -> None:
    words = transcript_of(SMOKE + FOOD).words
    last_of_smoke = len(SMOKE.split()) - 1
    late = Word("late.", words[last_of_smoke].start_ms, words[last_of_smoke + 9].end_ms, 0.9)
    mixed = (*words[:last_of_smoke], late, *words[last_of_smoke + 1 :])
    first, second = ChaptersFeature().find(FinishedTranscript(mixed, "en"), CHAPTERS).chapters or ()
    assert first.end_ms <= second.start_ms


def test_silence_has_no_chapters() -> None:
    found = ChaptersFeature().find(transcript_of(""), CHAPTERS)
    assert found.chapters == ()


def test_one_word_is_one_chapter() -> None:
    (chapter,) = ChaptersFeature().find(transcript_of("Fire!"), CHAPTERS).chapters or ()
    assert (chapter.headline, chapter.start_ms, chapter.end_ms) == ("Fire!", 0, 350)


def test_a_language_model_names_them() -> None:
    named = {"gist": "Smoke", "headline": "Smoke\ncomes.", "summary": "It comes."}
    with serving([Reply(json.dumps(named))]) as server:
        models = LanguageModels(
            GuardedClient(), [LlmEndpoint("fast", server.url, "tiny")], timeout_s=60
        )
        found = ChaptersFeature(models).find(transcript_of(SMOKE + FOOD), CHAPTERS)
    assert [c.headline for c in found.chapters or ()] == ["Smoke comes."] * 2
    assert "noodles" in server.asked[1]["messages"][1]["content"]
    assert [method.name for method in found.methods] == ["llm:fast"]


def test_where_it_fails_half_way_all_are_in_the_words_of_the_talk() -> None:
    named = Reply(json.dumps({"gist": "G", "headline": "H", "summary": "S"}))
    with serving([named, Reply(status=401)]) as server:
        models = LanguageModels(
            GuardedClient(), [LlmEndpoint("fast", server.url, "tiny")], timeout_s=60
        )
        found = ChaptersFeature(models).find(transcript_of(SMOKE + FOOD), CHAPTERS)
    assert "H" not in [chapter.headline for chapter in found.chapters or ()]
    assert [method.name for method in found.methods] == ["extractive"]
    assert found.warnings == (
        "auto_chapters took sentences from the transcript: the language model was not available",
    )


def test_a_chapter_that_is_too_long_for_one_question_is_named_by_notes_on_all_of_it() -> None:
    half = f"{'smoke ' * (MAX_PART_CHARS // 60)}comes. " * 10  # of few sentences: they are compared
    end = "At last the rain washes the smoke away."

    def reply(asked: dict[str, Any]) -> Reply:
        heard.append(asked["messages"][1]["content"])
        if "Note down" in asked["messages"][0]["content"]:
            return Reply(json.dumps({"notes": "Smoke lowers air quality."}))
        return Reply(json.dumps({"gist": "G", "headline": "H", "summary": "S"}))

    heard: list[str] = []
    with serving(reply) as server:
        models = LanguageModels(
            GuardedClient(), [LlmEndpoint("fast", server.url, "tiny")], timeout_s=60
        )
        found = ChaptersFeature(models).find(transcript_of(half + half + end), CHAPTERS)
    assert [method.name for method in found.methods] == ["llm:fast"]
    assert any(text.endswith(end) for text in heard)
    assert max(len(text) for text in heard) <= MAX_PART_CHARS


def test_an_empty_name_is_no_name() -> None:
    empty = {"gist": " ", "headline": "Smoke comes.", "summary": "It comes."}
    with serving([Reply(json.dumps(empty))]) as server:
        models = LanguageModels(
            GuardedClient(), [LlmEndpoint("fast", server.url, "tiny")], timeout_s=60
        )
        found = ChaptersFeature(models).find(transcript_of(SMOKE), CHAPTERS)
    assert [method.name for method in found.methods] == ["extractive"]
