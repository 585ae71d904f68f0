"""`TranscriptOptions` as JSON and back."""

from dataclasses import asdict, fields
from typing import Any

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

_KNOWN = frozenset(field.name for field in fields(TranscriptOptions))
_KNOWN_OF_DETECTION = frozenset(field.name for field in fields(LanguageDetection))
_KNOWN_OF_SPEAKERS = frozenset(field.name for field in fields(SpeakerOptions))
_KNOWN_OF_REDACTION = frozenset(field.name for field in fields(RedactionOptions))
_KNOWN_OF_AUDIO = frozenset(field.name for field in fields(RedactedAudioOptions))
_KNOWN_OF_TERMS = frozenset(field.name for field in fields(OwnTerms))
_KNOWN_OF_UNDERSTANDING = frozenset(field.name for field in fields(UnderstandingOptions))


def dump_options(options: TranscriptOptions) -> dict[str, Any]:
    return asdict(options)


def load_options(stored: dict[str, Any]) -> TranscriptOptions:
    """Options as they were stored; what a newer or older version does not know is its default.

    But for redaction, which is told of what is not understood: it must not hide less than was asked
    for.
    """
    values = {name: value for name, value in stored.items() if name in _KNOWN}
    values["custom_spelling"] = tuple(
        SpellingRule(sources=tuple(rule["sources"]), target=rule["target"])
        for rule in values.get("custom_spelling", ())
    )
    if "vocabulary" in values:
        stored_vocabulary = values["vocabulary"]
        values["vocabulary"] = Vocabulary(
            tuple(stored_vocabulary["terms"]), stored_vocabulary["strength"]
        )
    values["speech_models"] = tuple(values.get("speech_models", ()))
    if values.get("language_detection") is not None:
        values["language_detection"] = _load_detection(values["language_detection"])
    if values.get("speakers") is not None:
        stored_speakers = values["speakers"]
        values["speakers"] = SpeakerOptions(
            **{name: value for name, value in stored_speakers.items() if name in _KNOWN_OF_SPEAKERS}
        )
    if "understanding" in values:
        values["understanding"] = _load_understanding(values["understanding"])
    if values.get("redaction") is not None:
        values["redaction"] = _load_redaction(values["redaction"])
    return TranscriptOptions(**values)


def _load_detection(stored: dict[str, Any]) -> LanguageDetection:
    values = {name: value for name, value in stored.items() if name in _KNOWN_OF_DETECTION}
    values["expected_languages"] = tuple(values.get("expected_languages", ()))
    return LanguageDetection(**values)


def _load_understanding(stored: dict[str, Any]) -> UnderstandingOptions:
    values = {name: value for name, value in stored.items() if name in _KNOWN_OF_UNDERSTANDING}
    if values.get("summary") is not None:
        values["summary"] = SummaryOptions(values["summary"]["model"], values["summary"]["form"])
    if values.get("translation") is not None:
        wanted = values["translation"]
        values["translation"] = TranslationOptions(
            tuple(wanted["languages"]), wanted["is_formal"], wanted["by_utterance"]
        )
    if values.get("speaker_naming") is not None:
        candidates = (SpeakerCandidate(**one) for one in values["speaker_naming"]["candidates"])
        values["speaker_naming"] = SpeakerNaming(
            values["speaker_naming"]["kind"], tuple(candidates)
        )
    if values.get("value_formats") is not None:
        values["value_formats"] = ValueFormats(**values["value_formats"])
    values["custom_topics"] = tuple(values.get("custom_topics", ()))
    return UnderstandingOptions(**values)


def _load_redaction(stored: dict[str, Any]) -> RedactionOptions:
    values = {name: value for name, value in stored.items() if name in _KNOWN_OF_REDACTION}
    strange = stored.keys() - _KNOWN_OF_REDACTION
    own_terms = []
    for own in values.pop("own_terms"):
        own_terms.append(OwnTerms(own["label"], tuple(own["terms"])))
        strange |= own.keys() - _KNOWN_OF_TERMS
    if (audio := values.get("audio")) is not None:
        strange |= audio.keys() - _KNOWN_OF_AUDIO
        known = {name: value for name, value in audio.items() if name in _KNOWN_OF_AUDIO}
        values["audio"] = RedactedAudioOptions(**known)
    strange |= set(values.pop("not_understood", ()))
    values["policies"] = tuple(values["policies"])
    return RedactionOptions(
        **values, own_terms=tuple(own_terms), not_understood=tuple(sorted(strange))
    )
