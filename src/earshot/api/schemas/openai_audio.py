"""The form of OpenAI's `/v1/audio` routes, in our own options."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from earshot.api.forms import Form
from earshot.api.schemas.languages import LANGUAGE_CODES
from earshot.api.schemas.speech_models import is_speech_model
from earshot.api.schemas.terms import listed_vocabulary
from earshot.api.sync_services import SyncEngines
from earshot.errors import ModelUnknown, RequestInvalid
from earshot.recognition.language_codes import language_of
from earshot.transcript.options import (
    LanguageDetection,
    SpeakerOptions,
    TranscriptOptions,
    Vocabulary,
)

Format = Literal["json", "text", "srt", "verbose_json", "vtt", "diarized_json"]
Granularity = Literal["word", "segment"]

# OpenAI's names; each stands for the model that this server prefers, unless its settings name one.
OPENAI_MODELS: Final = (
    "whisper-1",
    "gpt-transcribe",
    "gpt-4o-transcribe",
    "gpt-4o-mini-transcribe",
    "gpt-4o-mini-transcribe-2025-12-15",
    "gpt-4o-transcribe-diarize",
)
# What of OpenAI's API is not here, and what is said of it.
_NO_REFERENCES: Final = (
    "known_speaker_names is not available on this server: enrol voices, and ask for them with "
    "/v2/transcript"
)
REFUSED_FIELDS: Final = {
    "known_speaker_names": _NO_REFERENCES,
    "known_speaker_references": _NO_REFERENCES,
}
STREAMED_FORMATS: Final[tuple[Format, ...]] = ("json", "text", "diarized_json")
_TRUE, _FALSE = ("true", "1"), ("false", "0", "")


@dataclass(frozen=True, slots=True)
class OpenAiRequest:
    """What one request asks for; `warnings` say what of it has no effect."""

    options: TranscriptOptions
    response_format: Format
    granularities: frozenset[Granularity]
    streams: bool
    has_logprobs: bool
    warnings: tuple[str, ...]


def read_transcription(form: Form, engines: SyncEngines) -> OpenAiRequest:
    """What `/v1/audio/transcriptions` is asked for; RequestInvalid, ModelUnknown."""
    model = _model(form, engines)
    response_format = _format(form)
    streams = _flag(form, "stream")
    if streams and response_format not in STREAMED_FORMATS:
        raise RequestInvalid(
            f"response_format must be one of {', '.join(STREAMED_FORMATS)} where stream is true"
        )
    code, detection = _languages(form, engines)
    options = TranscriptOptions(
        language_code=code,
        language_detection=detection,
        speech_models=(model,),
        vocabulary=_vocabulary(form),
        speakers=SpeakerOptions() if response_format == "diarized_json" else None,
    )
    return OpenAiRequest(
        options,
        response_format,
        _granularities(form, response_format),
        streams,
        _has_logprobs(form, response_format),
        (*_temperature_warnings(form), *_chunking_warnings(form)),
    )


def read_translation(form: Form, engines: SyncEngines) -> OpenAiRequest:
    """What `/v1/audio/translations` is asked for: likewise, and that a model translates."""
    model = _model(form, engines)
    response_format = _format(form)
    if response_format == "diarized_json":
        raise RequestInvalid("response_format must be one of json, text, srt, verbose_json, vtt")
    translator = engines.translator
    if translator is None:
        raise RequestInvalid(
            "translations are not available on this server: no model of it translates; add one "
            "with `earshot models pull`, such as whisper-small"
        )
    options = TranscriptOptions(
        language_detection=LanguageDetection(),
        speech_models=(translator, model),
        translate_to="en",
        vocabulary=_vocabulary(form),
    )
    granularities: frozenset[Granularity] = frozenset({"segment"})
    warnings = tuple(_temperature_warnings(form))
    return OpenAiRequest(options, response_format, granularities, False, False, warnings)  # noqa: FBT003 - it does neither


def _model(form: Form, engines: SyncEngines) -> str:
    name = (form.first("model") or "").strip()
    if not name:
        raise RequestInvalid("model must be given")
    known = dict.fromkeys((*OPENAI_MODELS, *engines.model_names))
    if name not in known and not is_speech_model(name):
        raise ModelUnknown(name, list(known))
    return name


def _format(form: Form) -> Format:
    given = form.first("response_format") or "json"
    for one in get_args(Format):
        if one == given:
            known: Format = one
            return known
    raise RequestInvalid(f"response_format must be one of {', '.join(get_args(Format))}")


def _flag(form: Form, name: str) -> bool:
    given = (form.first(name) or "").lower()
    if given not in (*_TRUE, *_FALSE):
        raise RequestInvalid(f"{name} must be true or false")
    return given in _TRUE


def _languages(form: Form, engines: SyncEngines) -> tuple[str, LanguageDetection | None]:
    """The language that is given, or how it is found out; English where nothing can tell."""
    given = [code for code in (form.first("language"), *form.all("languages")) if code]
    codes = tuple(dict.fromkeys(map(language_of, given)))
    if unknown := [code for code in codes if code not in LANGUAGE_CODES]:
        raise RequestInvalid(
            f"language must be a code of ISO 639-1, such as en; not {unknown[0]!r}"
        )
    if len(codes) == 1:
        return codes[0], None
    if codes or engines.detects_languages:
        return "en", LanguageDetection(expected_languages=codes)
    return "en", None


def _vocabulary(form: Form) -> Vocabulary:
    """What is listened for: keywords as they are, and the names and terms of a prompt."""
    return listed_vocabulary("keywords", form.all("keywords"), form.first("prompt") or "")


def _granularities(form: Form, response_format: Format) -> frozenset[Granularity]:
    given = form.all("timestamp_granularities")
    known: list[Granularity] = [one for one in get_args(Granularity) if one in given]
    if len(known) < len(set(given)):
        raise RequestInvalid("timestamp_granularities must be word, segment, or both")
    if known and response_format != "verbose_json":
        raise RequestInvalid("timestamp_granularities needs response_format verbose_json")
    return frozenset(known) or frozenset({"segment"})


def _has_logprobs(form: Form, response_format: Format) -> bool:
    included = form.all("include")
    if unknown := [one for one in included if one != "logprobs"]:
        raise RequestInvalid(f"include must be logprobs; not {unknown[0]!r}")
    if included and response_format != "json":
        raise RequestInvalid("include needs response_format json")
    return bool(included)


def _temperature_warnings(form: Form) -> Sequence[str]:
    given = form.first("temperature")
    if not given:
        return ()
    try:
        is_valid = 0 <= float(given) <= 1
    except ValueError:
        is_valid = False
    if not is_valid:
        raise RequestInvalid("temperature must be a number between 0 and 1")
    return (
        ()
        if float(given) == 0
        else ("temperature has no effect: the same speech gives the same words",)
    )


def _chunking_warnings(form: Form) -> Sequence[str]:
    # The SDK sends an object member by member.
    tuned: object = form.members("chunking_strategy")
    given = form.first("chunking_strategy") or "auto"
    if not tuned:
        if given == "auto":
            return ()
        try:
            tuned = json.loads(given)
        except (ValueError, RecursionError):
            tuned = None
    if not isinstance(tuned, dict) or tuned.get("type") != "server_vad":
        raise RequestInvalid("chunking_strategy must be auto, or an object of the type server_vad")
    return ("chunking_strategy has no effect: this server cuts at silences by its own measure",)
