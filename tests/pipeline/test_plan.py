from dataclasses import replace

import pytest

from earshot.errors import LanguageNotInstalled
from earshot.pipeline.plan import Plan, make_plan
from earshot.recognition.catalog import Offer
from earshot.recognition.pool import RecognizerPool
from earshot.recognition.recognizer import Hints
from earshot.testing import ScriptedRecognizer
from earshot.transcript.options import TranscriptOptions, Vocabulary

POOL = RecognizerPool(ScriptedRecognizer())


def test_a_plan_names_the_engine_of_the_language() -> None:
    assert make_plan(TranscriptOptions(language_code="en_uk"), POOL) == Plan("en_uk", "scripted")


def test_a_plan_names_the_engine_that_was_asked_for_where_it_knows_the_language() -> None:
    other = ScriptedRecognizer(name="other", languages=frozenset({"de"}))
    pool = RecognizerPool(ScriptedRecognizer(), other, tiers={"nano": "other"})
    asked = TranscriptOptions(language_code="de", speech_models=("universal-2", "nano"))
    assert make_plan(asked, pool).engine == "other"
    assert make_plan(TranscriptOptions(speech_models=("nano",)), pool).engine == "scripted"


def test_a_language_without_an_engine_has_no_plan() -> None:
    with pytest.raises(LanguageNotInstalled):
        make_plan(TranscriptOptions(language_code="de"), POOL)


def test_the_engine_is_told_the_language_without_its_region_and_the_vocabulary() -> None:
    vocabulary = Vocabulary(("Zarathustra",), "high")
    options = TranscriptOptions(vocabulary=vocabulary, translate_to="fr")
    assert Plan("en_us", "scripted").hints(options) == Hints("en", vocabulary, "fr")
    assert Plan("de_ch", "scripted").hints(options).language == "de"
    assert Plan("jv", "scripted").hints(options).language == "jw"


def test_terms_that_the_engine_cannot_be_told_are_said_to_have_no_effect() -> None:
    deaf = Offer("deaf", "deaf-model", frozenset({"de"}), uses_vocabulary=False)
    pool = RecognizerPool(ScriptedRecognizer(), on_demand=[deaf])
    options = TranscriptOptions(language_code="de", vocabulary=Vocabulary(("Zarathustra",)))
    assert make_plan(options, pool).warnings == (
        "the vocabulary has no effect: the model deaf cannot be told terms",
    )
    assert not make_plan(TranscriptOptions(language_code="de"), pool).warnings
    assert not make_plan(TranscriptOptions(vocabulary=options.vocabulary), pool).warnings


def test_a_strength_that_the_engine_does_not_know_is_said_to_have_no_effect() -> None:
    plain = Offer("plain", "plain-model", frozenset({"de"}), uses_strengths=False)
    pool = RecognizerPool(ScriptedRecognizer(), on_demand=[plain])
    high = TranscriptOptions(language_code="de", vocabulary=Vocabulary(("Zarathustra",), "high"))
    assert make_plan(high, pool).warnings == (
        "the strength of the vocabulary has no effect: the model plain knows only one",
    )
    usual = replace(high, vocabulary=Vocabulary(("Zarathustra",)))
    assert not make_plan(usual, pool).warnings
    assert not make_plan(replace(high, language_code="en_us"), pool).warnings


def test_a_translation_that_the_engine_cannot_do_is_a_warning() -> None:
    world = frozenset({"de", "fr"})
    able = Offer("able", "able", world, translates_into=frozenset({"en"}))
    pool = RecognizerPool(ScriptedRecognizer(languages=world), on_demand=(able,))
    asked = TranscriptOptions(language_code="de", translate_to="en")
    assert make_plan(replace(asked, speech_models=("able",)), pool).warnings == ()
    plan = make_plan(replace(asked, speech_models=("scripted",)), pool)
    assert plan.warnings == ("nothing was translated: the model scripted cannot do it",)
    assert plan.hints(asked).translate_to is None
    assert plan.language_of_words(asked) == "de"
    assert make_plan(replace(asked, speech_models=("able",)), pool).language_of_words(asked) == "en"
    same = replace(asked, translate_to="de", speech_models=("scripted",))
    assert make_plan(same, pool).warnings == ()
