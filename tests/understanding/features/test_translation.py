import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from earshot.egress.client import GuardedClient
from earshot.errors import TransitionImpossible
from earshot.llm.endpoints import LlmEndpoint
from earshot.llm.language_models import LanguageModels
from earshot.transcript.findings import Findings, Method
from earshot.transcript.options import TranslationOptions, UnderstandingOptions
from earshot.transcript.words import Utterance
from earshot.understanding.feature import FinishedTranscript, SpeechTranslation
from earshot.understanding.features.translation import (
    MAX_PART_CHARS,
    NO_MODEL,
    NOT_BY_UTTERANCE,
    TranslationFeature,
)
from tests.llm.server import LlmServer, Reply, as_openai_answers, serving
from tests.understanding.saying import say

Replies = Sequence[Reply] | Callable[[dict[str, Any]], Reply]


def transcript_of(*lines: str) -> FinishedTranscript:
    utterances = tuple(Utterance(say(line), "AB"[i % 2]) for i, line in enumerate(lines))
    words = tuple(
        replace(word, speaker=one.speaker, start_ms=n * 60_000 + word.start_ms, end_ms=n * 60_001)
        for n, one in enumerate(utterances)
        for word in one.words
    )
    return FinishedTranscript(words, "en_us", utterances=utterances)


def wanted(*languages: str, by_utterance: bool = False, formal: bool = True) -> TranslationOptions:
    return TranslationOptions(languages, is_formal=formal, by_utterance=by_utterance)


def find(
    replies: Replies, transcript: FinishedTranscript, options: TranslationOptions
) -> tuple[Findings, LlmServer]:
    with serving(replies) as server:
        models = LanguageModels(
            GuardedClient(), [LlmEndpoint("fast", server.url, "tiny")], timeout_s=60
        )
        asked = UnderstandingOptions(translation=options)
        return TranslationFeature(models).find(transcript, asked), server


def given(*texts: str) -> Reply:
    return Reply(json.dumps({"translations": texts}))


def texts_asked(server: LlmServer) -> list[list[str]]:
    return [json.loads(one["messages"][1]["content"]) for one in server.asked]


def test_the_text_comes_in_every_language_that_was_asked_for() -> None:
    talk = transcript_of("Good morning.", "How are you?")
    found, server = find([given("Guten Morgen."), given("Bonjour.")], talk, wanted("de", "fr"))
    assert found.translations is not None
    assert dict(found.translations.texts) == {"de": "Guten Morgen.", "fr": "Bonjour."}
    assert found.translations.of_utterances is None
    assert found.unavailable == ()
    assert [method.name for method in found.methods] == ["llm:fast"]
    assert texts_asked(server) == [["Good morning. How are you?"]] * 2
    first, second = (one["messages"][0]["content"] for one in server.asked)
    assert "German" in first
    assert "French" in second
    assert "formal" in first


def test_each_utterance_is_translated_where_that_is_asked_for() -> None:
    talk = transcript_of("Good morning.", "How are you?")
    options = wanted("de", by_utterance=True, formal=False)
    found, server = find([given("Guten Morgen.", "Wie geht's?")], talk, options)
    assert found.translations is not None
    assert found.translations.texts["de"] == "Guten Morgen. Wie geht's?"
    assert found.translations.of_utterances == ({"de": "Guten Morgen."}, {"de": "Wie geht's?"})
    assert texts_asked(server) == [["Good morning.", "How are you?"]]
    assert "familiar" in server.asked[0]["messages"][0]["content"]


def test_a_model_that_loses_count_is_asked_for_one_text_at_a_time() -> None:
    talk = transcript_of("One.", "Two.")
    replies = [given("Eins. Zwei."), given("Eins."), given("Zwei", "Drei.")]
    found, server = find(replies, talk, wanted("de", by_utterance=True))
    assert found.translations is not None
    assert found.translations.of_utterances == ({"de": "Eins."}, {"de": "Zwei Drei."})
    assert texts_asked(server) == [["One.", "Two."], ["One."], ["Two."]]


def test_a_long_talk_is_translated_in_parts_in_their_order() -> None:
    n_sentences = 2 * MAX_PART_CHARS // 24
    talk = transcript_of(" ".join(f"Sentence number {n:06}." for n in range(n_sentences)))
    found, server = find([given("a"), given("b"), given("c")], talk, wanted("de"))
    assert found.translations is not None
    asked = [text for texts in texts_asked(server) for text in texts]
    assert " ".join(asked) == " ".join(word.text for word in talk.words)
    assert max(map(len, asked)) <= MAX_PART_CHARS
    assert found.translations.texts["de"] == "a b c"[: 2 * len(asked) - 1]


def test_the_language_that_is_spoken_is_not_translated() -> None:
    talk = transcript_of("Good morning.", "How are you?")
    found, server = find([given("?")], talk, wanted("en", "en_us", by_utterance=True))
    assert server.asked == []
    assert found.translations is not None
    assert found.translations.texts["en"] == "Good morning. How are you?"
    assert found.translations.of_utterances is not None
    assert found.translations.of_utterances[0]["en_us"] == "Good morning."


def test_what_was_translated_before_the_model_failed_is_there_and_the_rest_is_named() -> None:
    replies = [given("Guten Morgen."), Reply("no"), Reply("no"), given("Buenos d\u00edas.")]
    found, _ = find(replies, transcript_of("Good morning."), wanted("de", "fr", "es"))
    assert found.translations is not None
    assert set(found.translations.texts) == {"de", "es"}
    assert found.lacks("translation")
    assert "into fr failed" in found.unavailable[0].reason


def test_an_endpoint_that_is_down_is_not_asked_for_the_next_language() -> None:
    down = Reply(status=401)
    found, server = find([down], transcript_of("Good morning."), wanted("de", "fr"))
    assert len(server.asked) == 1
    assert "into de, fr failed" in found.unavailable[0].reason
    assert "401" not in found.unavailable[0].reason
    assert found.translations is None
    assert found.methods == ()


def test_the_strictest_model_takes_the_form_of_the_answer() -> None:
    strict = as_openai_answers(given("Guten Morgen."))
    found, _ = find(strict, transcript_of("Good morning."), wanted("de"))
    assert found.unavailable == ()


def test_without_a_language_model_there_is_no_translation() -> None:
    asked = UnderstandingOptions(translation=wanted("de"))
    for models in (None, LanguageModels(GuardedClient(), [], timeout_s=60)):
        found = TranslationFeature(models).find(transcript_of("Hello."), asked)
        assert found.lacks("translation")
        assert found.translations is None


def without_model(transcript: FinishedTranscript, options: TranslationOptions) -> Findings:
    return TranslationFeature().find(transcript, UnderstandingOptions(translation=options))


def test_without_one_the_text_is_there_as_it_was_said_and_as_an_engine_heard_it() -> None:
    talk = replace(
        transcript_of("Guten Tag.", "Wie geht's?"),
        language_code="de",
        translation=SpeechTranslation("en", "Good day. How are you?", "whisper-small"),
    )
    found = without_model(talk, wanted("en_uk", "de", by_utterance=True))
    assert found.translations is not None
    assert list(found.translations.texts.items()) == [
        ("en_uk", "Good day. How are you?"),
        ("de", "Guten Tag. Wie geht's?"),
    ]
    assert found.translations.of_utterances is None
    assert found.methods == (Method("translation", "speech:whisper-small", NOT_BY_UTTERANCE),)
    assert found.unavailable == ()


def test_without_one_what_no_engine_translated_is_unavailable_beside_what_is_there() -> None:
    talk = transcript_of("Good morning.", "How are you?")
    found = without_model(talk, wanted("en", "fr", by_utterance=True))
    assert found.translations is not None
    assert dict(found.translations.texts) == {"en": "Good morning. How are you?"}
    assert found.translations.of_utterances == ({"en": "Good morning."}, {"en": "How are you?"})
    assert found.methods == (Method("translation", "original"),)
    assert [one.reason for one in found.unavailable] == [NO_MODEL]


def test_a_language_model_translates_also_what_an_engine_did() -> None:
    heard = SpeechTranslation("en", "Good day.", "whisper-small")
    talk = replace(transcript_of("Guten Tag."), language_code="de", translation=heard)
    found, _ = find([given("Hello.")], talk, wanted("en"))
    assert found.translations is not None
    assert dict(found.translations.texts) == {"en": "Hello."}


def test_an_empty_transcript_is_translated_without_a_question() -> None:
    found, server = find([given("?")], FinishedTranscript((), "en_us"), wanted("de"))
    assert server.asked == []
    assert found.translations is not None
    assert dict(found.translations.texts) == {"de": ""}


def test_nothing_is_asked_about_a_transcript_that_is_not_wanted_any_more() -> None:
    def refuse() -> None:
        raise TransitionImpossible(expected="processing", met="error")

    talk = replace(transcript_of("Good morning."), require_wanted=refuse)
    with pytest.raises(TransitionImpossible):
        find([given("Guten Morgen.")], talk, wanted("de"))
