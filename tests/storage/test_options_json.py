import json
from dataclasses import replace

from earshot.storage.options_json import dump_options, load_options
from earshot.transcript.options import (
    LanguageDetection,
    OwnTerms,
    RedactedAudioOptions,
    RedactionOptions,
    SpeakerCandidate,
    SpeakerNaming,
    SpeakerOptions,
    SpellingRule,
    SummaryOptions,
    TranscriptOptions,
    TranslationOptions,
    UnderstandingOptions,
    ValueFormats,
    Vocabulary,
)


def test_options_come_back_as_they_were() -> None:
    options = TranscriptOptions(
        punctuate=False,
        speech_models=("universal-3-pro", "universal-2"),
        translate_to="en",
        custom_spelling=(SpellingRule(("seequel", "sea quill"), "SQL"),),
        audio_start_ms=5,
        speech_threshold=0.25,
        split_channels=True,
        speakers=SpeakerOptions(expected=3, minimum=2, maximum=4, names_known_voices=True),
        vocabulary=Vocabulary(("Zarathustra", "Rosie Moreno"), "high"),
        language_detection=LanguageDetection(0.4, ("en", "es"), "en", falls_back=True),
        understanding=UnderstandingOptions(
            key_phrases=True,
            summary=SummaryOptions("catchy", "gist"),
            entities=True,
            translation=TranslationOptions(("de", "fr"), is_formal=False, by_utterance=True),
            speaker_naming=SpeakerNaming("role", (SpeakerCandidate("Agent", "says hello"),)),
            value_formats=ValueFormats(date="mm/dd/yyyy", by_utterance=True),
            safety_threshold=0.6,
            custom_topics=("delivery delays", "refunds"),
        ),
        redaction=RedactionOptions(
            ("date",),
            "entity_name",
            (OwnTerms("project", ("Blue Sky", "x")),),
            keeps_unredacted=True,
            audio=RedactedAudioOptions("wav", "silence", if_speechless=True, base_url="http://x"),
        ),
    )
    assert load_options(json.loads(json.dumps(dump_options(options)))) == options


def test_options_of_another_version_fall_back_to_defaults() -> None:
    assert load_options({"from_the_future": 1}) == TranscriptOptions()
    stored = {"speakers": {"expected": 2, "from_the_future": 1}}
    assert load_options(stored).speakers == SpeakerOptions(expected=2)
    stored = {"understanding": {"key_phrases": True, "from_the_future": 1}}
    assert load_options(stored).understanding == UnderstandingOptions(key_phrases=True)


def test_speakers_and_topics_are_forgotten_with_all_that_tells_what_is_hidden() -> None:
    naming = SpeakerNaming("name", (SpeakerCandidate("Anna"),))
    asked = UnderstandingOptions(speaker_naming=naming, custom_topics=("Anna's move",))
    options = TranscriptOptions(understanding=asked)
    assert options.without_wording() == options
    hiding = replace(options, redaction=RedactionOptions(("date",)))
    left = UnderstandingOptions(speaker_naming=SpeakerNaming("name"))
    assert hiding.without_wording().understanding == left


def test_what_is_not_understood_of_a_redaction_is_told_and_not_passed_over() -> None:
    own = {"label": "project", "terms": ["Blue Sky"], "sounds_like": True}
    stored = {
        "redaction": {
            "policies": ["date"],
            "substitution": "hash",
            "own_terms": [own],
            "hides_more": True,
        }
    }
    redaction = load_options(stored).redaction
    assert redaction is not None
    assert redaction.not_understood == ("hides_more", "sounds_like")
    again = load_options(dump_options(TranscriptOptions(redaction=redaction))).redaction
    assert again == redaction
