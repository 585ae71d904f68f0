from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from earshot.audio.waveform import Waveform
from earshot.egress.client import GuardedClient
from earshot.llm.endpoints import LlmEndpoint
from earshot.llm.language_models import LanguageModels
from earshot.pipeline.plan import Plan
from earshot.pipeline.speech_translation import (
    assemble_translation,
    can_translate_speech,
    translating_hints,
)
from earshot.pipeline.workspace import Workspace
from earshot.recognition.catalog import Offer
from earshot.recognition.pool import RecognizerPool
from earshot.recognition.recognizer import NO_HINTS, Hints, Recognition
from earshot.testing import ScriptedDecoder, ScriptedRecognizer, silence, tone
from earshot.transcript.findings import Findings, Method, Unavailable
from earshot.transcript.options import (
    OwnTerms,
    RedactionOptions,
    SpellingRule,
    TranscriptOptions,
    TranslationOptions,
    UnderstandingOptions,
    Vocabulary,
)
from earshot.transcript.words import Word
from earshot.understanding.features.translation import (
    NO_MODEL,
    NOT_BY_UTTERANCE,
    TranslationFeature,
)
from tests.pipeline.conftest import World

ENGLISH = frozenset({"en"})
PLAN = Plan("de", "interpreter")


@dataclass
class Interpreter:
    """Hears German everywhere, and writes it in English where it is told to."""

    name: str = "interpreter"
    languages: frozenset[str] = frozenset({"de", "en"})
    told: list[str | None] = field(default_factory=list)

    def recognize(self, segments: Sequence[Waveform], hints: Hints = NO_HINTS) -> list[Recognition]:
        self.told.append(hints.translate_to)
        said = ("Good", "day.") if hints.translate_to == "en" else ("Guten", "Tag.")
        return ScriptedRecognizer(said).recognize(segments)


def pool_of(interpreter: Interpreter, into: frozenset[str] = ENGLISH) -> RecognizerPool:
    offer = Offer("interpreter", "interpreter", interpreter.languages, translates_into=into)
    return RecognizerPool(on_demand=[offer], load=lambda _: interpreter)


def into(*languages: str, **options: Any) -> TranscriptOptions:  # noqa: ANN401 - of TranscriptOptions
    asked = UnderstandingOptions(translation=TranslationOptions(languages))
    return TranscriptOptions(**{"language_code": "de", "understanding": asked, **options})


def run(
    world: World, options: TranscriptOptions, interpreter: Interpreter, **stages: object
) -> Findings:
    transcript_id = world.submit(options)
    given = {"recognizers": pool_of(interpreter), "features": (TranslationFeature(),), **stages}
    world.run(transcript_id, world.transcription(**given))
    assert world.work() == []
    findings = world.result(transcript_id).findings
    assert findings is not None
    return findings


def test_without_a_language_model_the_engine_translates_what_it_heard(world: World) -> None:
    interpreter = Interpreter()
    found = run(world, into("en", "en_us"), interpreter)
    assert found.translations is not None
    assert dict(found.translations.texts) == {"en": "Good day.", "en_us": "Good day."}
    assert found.methods == (Method("translation", "speech:interpreter"),)
    assert found.unavailable == ()
    assert interpreter.told == [None, "en"]


def test_where_a_language_model_works_for_the_project_the_engine_is_not_asked(
    world: World,
) -> None:
    interpreter = Interpreter()
    run(world, into("en"), interpreter, has_language_model=lambda project: project == "default")
    assert interpreter.told == [None]


def test_a_project_that_the_language_models_are_not_for_has_the_engine_s(world: World) -> None:
    elsewhere = LlmEndpoint("law", "http://127.0.0.1:1/v1", "large", projects=("law",))
    models = LanguageModels(GuardedClient(), [elsewhere], timeout_s=1)
    asking = (TranslationFeature(models),)
    found = run(world, into("en"), Interpreter(), features=(), asking_features=asking)
    assert found.translations is not None
    assert dict(found.translations.texts) == {"en": "Good day."}


@pytest.mark.parametrize(
    "options",
    [
        into("fr"),
        into("en", "fr"),
        into("en", redaction=RedactionOptions(own_terms=(OwnTerms("word", ("Tag",)),))),
    ],
    ids=["another language", "English and another", "redacted"],
)
def test_what_the_engine_cannot_do_or_nobody_can_hide_is_unavailable(
    world: World, options: TranscriptOptions
) -> None:
    interpreter = Interpreter()
    found = run(world, options, interpreter)
    assert found.translations is None
    assert found.unavailable == (Unavailable("translation", NO_MODEL),)
    assert interpreter.told == [None]


def test_a_chunk_that_is_done_twice_is_translated_once(world: World) -> None:
    interpreter = Interpreter()
    transcript_id = world.submit(into("en"))
    steps = world.transcription(recognizers=pool_of(interpreter), features=(TranslationFeature(),))
    steps.prepare(transcript_id)
    steps.recognize(transcript_id, 0)
    steps.recognize(transcript_id, 0)
    assert interpreter.told == [None, "en"]
    translated = Workspace(world.media, transcript_id).find_translation(1)
    assert translated is not None
    assert [word.text for word in translated] == ["Good", "day."]


def test_what_is_said_on_two_channels_is_told_by_turns_and_not_by_utterances(
    world: World,
) -> None:
    first = np.concatenate([tone(1000), silence(2000)])
    second = np.concatenate([silence(500), tone(1000), silence(1500)])
    decoder = ScriptedDecoder(np.stack([first, second]))
    by_utterance = TranslationOptions(("en",), by_utterance=True)
    options = into(
        "en", split_channels=True, understanding=UnderstandingOptions(translation=by_utterance)
    )
    found = run(world, options, Interpreter(), decoder=decoder)
    assert found.translations is not None
    assert dict(found.translations.texts) == {"en": "Good day. Good day."}
    assert found.translations.of_utterances is None
    assert found.warnings == (NOT_BY_UTTERANCE,)


def test_silence_is_silence_in_english_too(world: World) -> None:
    found = run(world, into("en"), Interpreter(), decoder=ScriptedDecoder(silence(2000)[None]))
    assert found.translations is not None
    assert dict(found.translations.texts) == {"en": ""}


def test_an_engine_translates_another_language_into_english_if_it_can() -> None:
    able, unable = pool_of(Interpreter()), pool_of(Interpreter(), frozenset())
    assert can_translate_speech(into("en", "en_uk"), PLAN, able)
    assert not can_translate_speech(into("en"), PLAN, unable)
    assert not can_translate_speech(into("en"), Plan("en_us", "interpreter"), able)
    assert not can_translate_speech(TranscriptOptions(language_code="de"), PLAN, able)


def test_terms_of_the_language_that_is_spoken_are_none_of_the_translation() -> None:
    asked = into("en", vocabulary=Vocabulary(("Tag",)))
    assert translating_hints(PLAN) == Hints("de", translate_to="en")
    words = [
        Word(text, 300 * i, 300 * i + 200, 0.9) for i, text in enumerate(["Um,", "shit", "it."])
    ]
    made = assemble_translation(words, asked, PLAN)
    assert (made.language, made.text, made.engine) == ("en", "Shit it.", "interpreter")
    masked = replace(asked, filter_profanity=True, custom_spelling=(SpellingRule(("it",), "Es"),))
    assert assemble_translation(words, masked, PLAN).text == "S*** it."
