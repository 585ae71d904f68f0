"""`speech_understanding`: what it may ask for."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from earshot.api.schemas.languages import ENGLISH_CODES, LANGUAGE_CODES
from earshot.api.schemas.wire import Flag, Must, Text, WireModel
from earshot.errors import RequestInvalid
from earshot.transcript.options import (
    SpeakerCandidate,
    SpeakerNaming,
    TranslationOptions,
    UnderstandingOptions,
    ValueFormats,
)
from earshot.understanding.value_formats import EMAIL_PATTERNS, is_date_pattern, is_phone_pattern

REQUEST: Final = "speech_understanding.request"
MAX_TARGET_LANGUAGES: Final = 20
MAX_SPEAKERS: Final = 100
MAX_DESCRIPTION_CHARS: Final = 2_000
MAX_DESCRIPTION_LEVELS: Final = 8  # of lists and objects in one another
MAX_PATTERN_CHARS: Final = 40

_KNOWN_VALUES: Final = f"a list of at most {MAX_SPEAKERS} strings of 1 to 35 characters"
_SPEAKERS: Final = f"a list of at most {MAX_SPEAKERS} objects with a name or a role of text"


class TranslationParameters(WireModel):
    """Into which languages the text is translated.

    Needs a language model, or, into English alone, a recognition model that translates.
    """

    target_languages: Annotated[
        Annotated[list[str], Field(min_length=1, max_length=MAX_TARGET_LANGUAGES)],
        Must(f"a list of 1 to {MAX_TARGET_LANGUAGES} language codes of the API"),
    ]
    formal: Flag = True
    """Address people formally where the language knows the difference."""
    match_original_utterance: Flag = False
    """Translate each utterance by itself, too. Without effect where there are none."""


class SpeakerIdentificationParameters(WireModel):
    """Who the speakers are to be told as."""

    speaker_type: Annotated[Literal["role", "name"], Must("one of: role, name")]
    known_values: Annotated[
        Annotated[
            list[Annotated[str, Field(pattern=r"\S", max_length=35)]],
            Field(max_length=MAX_SPEAKERS),
        ]
        | None,
        Must(_KNOWN_VALUES),
    ] = None
    """The names or roles that there are. A role needs them, or `speakers`."""
    speakers: Annotated[
        Annotated[list[dict[str, Any]], Field(max_length=MAX_SPEAKERS)] | None, Must(_SPEAKERS)
    ] = None
    """The same with a `name` or `role` each, and whatever else is known of them."""


class CustomFormattingParameters(WireModel):
    """How values are written: what is not given stays as it is."""

    date: Text = None
    """dd, mm and yyyy in any order with marks between them: mm/dd/yyyy, dd.mm.yyyy."""
    phone_number: Text = None
    """An x for each digit: (xxx)xxx-xxxx, +x(xxx)xxx-xxxx."""
    email: Annotated[
        Literal["username@domain.com", "firstname.lastname@domain.com"] | None,
        Must(f"one of: {', '.join(EMAIL_PATTERNS)}"),
    ] = None
    format_utterances: Flag = False
    """Write each utterance so, too."""


_OBJECT: Final = Must("an object")


class UnderstandingParameters(WireModel):
    """What is asked for: one of these, or several."""

    translation: Annotated[TranslationParameters | None, _OBJECT] = None
    speaker_identification: Annotated[SpeakerIdentificationParameters | None, _OBJECT] = None
    custom_formatting: Annotated[CustomFormattingParameters | None, _OBJECT] = None
    summarization: Annotated[dict[str, Any] | None, _OBJECT] = None
    """Not available: use `summarization` or `auto_chapters` of the transcript."""
    action_items: Annotated[dict[str, Any] | None, _OBJECT] = None
    """Not available."""


class SpeechUnderstandingParameters(WireModel):
    """What is to be found out about the speech beyond its words."""

    request: Annotated[UnderstandingParameters, _OBJECT]

    @property
    def options(self) -> UnderstandingOptions:
        """What it asks for, in our own words."""
        asked = self.request
        translation, naming, formats = (
            asked.translation,
            asked.speaker_identification,
            asked.custom_formatting,
        )
        return UnderstandingOptions(
            translation=None
            if translation is None
            else TranslationOptions(
                tuple(dict.fromkeys(translation.target_languages)),
                is_formal=translation.formal is not False,
                by_utterance=bool(translation.match_original_utterance),
            ),
            speaker_naming=None
            if naming is None
            else SpeakerNaming(naming.speaker_type, _candidates(naming)),
            value_formats=None
            if formats is None
            else ValueFormats(
                formats.date,
                formats.phone_number,
                formats.email,
                by_utterance=bool(formats.format_utterances),
            ),
        )

    @property
    def echo(self) -> dict[str, Any]:
        """What was asked for, as the answer repeats it."""
        return self.request.model_dump(mode="json", exclude_unset=True)


class UnderstandingRequest(WireModel):
    """What is to be found out, and about which transcript."""

    transcript_id: Annotated[str, Must("the id of a transcript")]
    speech_understanding: Annotated[SpeechUnderstandingParameters, _OBJECT]


class UnderstandingCheck(WireModel):
    """The same, to be checked and not done; the transcript may be left out."""

    transcript_id: Text = None
    speech_understanding: Annotated[SpeechUnderstandingParameters, _OBJECT]


def without_names(echo: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked for without the names that the caller knows: they may be what is hidden."""
    asked = dict(echo)
    naming = asked.get("speaker_identification")
    if naming is not None:
        asked["speaker_identification"] = {"speaker_type": naming["speaker_type"]}
    return asked


def require_speech_understanding(wire: SpeechUnderstandingParameters) -> None:
    """RequestInvalid where it asks for nothing, for what is not there, or breaks a rule."""
    asked = wire.request
    absent = [
        name for name in ("summarization", "action_items") if getattr(asked, name) is not None
    ]
    if absent:
        raise RequestInvalid(f"{REQUEST}.{absent[0]} is not available on this server yet")
    if wire.options.asks_nothing:
        raise RequestInvalid(
            f"{REQUEST} must be an object with one or more of: "
            "translation, speaker_identification, custom_formatting"
        )
    if asked.translation is not None:
        _require_languages(asked.translation)
    if asked.speaker_identification is not None:
        _require_candidates(asked.speaker_identification)
    if asked.custom_formatting is not None:
        _require_patterns(asked.custom_formatting)


def require_model_for(
    options: UnderstandingOptions,
    *,
    has_language_model: bool,
    translates_speech: bool = False,
    is_redacted: bool = False,
) -> None:
    """RequestInvalid where something is asked for that only a language model can do.

    With `translates_speech`, a model that recognises the speech can write English instead; what it
    writes is not for a transcript that `is_redacted`: nothing hides what is to be hidden in it.
    """
    if has_language_model:
        return
    needs = "needs a language model, and none is set up on this server for your project"
    if options.translation is not None:
        if not (translates_speech and _is_into_english(options.translation)):
            raise RequestInvalid(f"{REQUEST}.translation is not available: it {needs}")
        if is_redacted:
            raise RequestInvalid(
                f"{REQUEST}.translation is not available with redact_pii: it {needs}"
            )
    if options.speaker_naming is not None and options.speaker_naming.kind == "role":
        raise RequestInvalid(
            f"{REQUEST}.speaker_identification is not available by role: it {needs}"
        )


def _is_into_english(translation: TranslationOptions) -> bool:
    return ENGLISH_CODES.issuperset(translation.languages)


def require_speakers(options: UnderstandingOptions, *, tells_voices: bool) -> None:
    """RequestInvalid where speakers are to be named that nothing tells apart."""
    if options.speaker_naming is not None and not tells_voices:
        raise RequestInvalid(
            f"speaker_labels must be true when {REQUEST}.speaker_identification is given"
        )


def utterance_warnings(wire: SpeechUnderstandingParameters) -> tuple[str, ...]:
    """A sentence for what has no effect on a transcript without utterances."""
    translation, formats = wire.request.translation, wire.request.custom_formatting
    idle = []
    if translation is not None and translation.match_original_utterance:
        idle.append(f"{REQUEST}.translation.match_original_utterance")
    if formats is not None and formats.format_utterances:
        idle.append(f"{REQUEST}.custom_formatting.format_utterances")
    return tuple(f"{name} has no effect without speaker_labels" for name in idle)


def _require_languages(wire: TranslationParameters) -> None:
    unknown = [repr(code) for code in wire.target_languages if code not in LANGUAGE_CODES]
    if unknown:
        raise RequestInvalid(
            f"{REQUEST}.translation.target_languages must be a list of language codes of the API: "
            f"{', '.join(unknown[:3])} {'is' if len(unknown) == 1 else 'are'} none"
        )


def _require_candidates(wire: SpeakerIdentificationParameters) -> None:
    name = f"{REQUEST}.speaker_identification"
    for one in wire.speakers or ():
        told = one.get(wire.speaker_type)
        if not isinstance(told, str) or not told.strip():
            raise RequestInvalid(f"{name}.speakers must be {_SPEAKERS}")
        if not _is_shallow(one, MAX_DESCRIPTION_LEVELS) or len(str(one)) > MAX_DESCRIPTION_CHARS:
            raise RequestInvalid(
                f"{name}.speakers must be {_SPEAKERS}, each of at most {MAX_DESCRIPTION_CHARS} "
                f"characters and {MAX_DESCRIPTION_LEVELS} levels"
            )
    if wire.speaker_type == "role" and not (wire.known_values or wire.speakers):
        raise RequestInvalid(f"{name}.known_values must be given when speaker_type is role")


def _is_shallow(value: object, levels: int) -> bool:
    """Whether no more than so many lists and objects are in one another."""
    if not isinstance(value, dict | list):
        return True
    inside = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_is_shallow(one, levels - 1) for one in inside)


def _require_patterns(wire: CustomFormattingParameters) -> None:
    name = f"{REQUEST}.custom_formatting"
    if wire.date is wire.phone_number is wire.email is None:
        raise RequestInvalid(
            f"{name} must be an object with one or more of: date, phone_number, email"
        )
    day, number = wire.date, wire.phone_number
    if day is not None and (len(day) > MAX_PATTERN_CHARS or not is_date_pattern(day)):
        raise RequestInvalid(f"{name}.date must be a pattern of mm, dd and yyyy, like mm/dd/yyyy")
    if number is not None and not is_phone_pattern(number):
        raise RequestInvalid(
            f"{name}.phone_number must be a pattern of 10 or 11 x, like (xxx)xxx-xxxx"
        )


def _candidates(wire: SpeakerIdentificationParameters) -> tuple[SpeakerCandidate, ...]:
    """Those of `speakers`, then the values that are not among them."""
    described = {
        " ".join(str(one[wire.speaker_type]).split()): _description(one, wire.speaker_type)
        for one in wire.speakers or ()
        if wire.speaker_type in one
    }
    for value in wire.known_values or ():
        described.setdefault(" ".join(value.split()), "")
    return tuple(SpeakerCandidate(name, about) for name, about in described.items())


def _description(speaker: Mapping[str, Any], told_by: str) -> str:
    """Whatever is given besides, a line for each."""
    return "\n".join(f"{key}: {value}" for key, value in speaker.items() if key != told_by)
