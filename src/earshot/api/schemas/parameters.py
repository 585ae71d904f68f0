"""The parameters of a transcript, as they are sent and as every Transcript object repeats them."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from earshot.api.schemas.wire import (
    TO_FIRST_FAULT,
    Flag,
    Milliseconds,
    Must,
    Ratio,
    Strings,
    Text,
    WireModel,
)
from earshot.egress.target import parse_target
from earshot.errors import AddressRefused

# RFC 9110, 5.6.2: the characters of a header's name.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")

# A dictionary is read to its last fault; nobody may give more terms than this, nor more labels.
_MAX_LABELS = 1000

# Headers that frame or route the webhook's message: whoever sets them speaks for our client.
_RESERVED = """
connection content-length content-type expect host keep-alive te trailer transfer-encoding upgrade
webhook-id webhook-signature webhook-timestamp
"""
_RESERVED_HEADERS = frozenset(_RESERVED.split())

SummaryModel = Literal["informative", "conversational", "catchy"]
SummaryType = Literal["bullets", "bullets_verbose", "gist", "headline", "paragraph"]


def header_name(name: str) -> str:
    if not _TOKEN.fullmatch(name) or name.lower() in _RESERVED_HEADERS:
        raise ValueError
    return name


def web_url(url: str) -> str:
    try:
        parse_target(url)  # what could never be sent to is refused at once
    except AddressRefused as error:
        raise ValueError from error
    return url


def _as_list(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    return [value] if isinstance(value, str) else value


def _not_of_many(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict) and len(value) > _MAX_LABELS:
        raise ValueError
    return value


def _without_list(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The one element of a list of one: the published prose writes `["auto"]` for "auto"."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def entity_name(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """`entity_name` for `entity_type`, which the published prose writes by mistake."""
    return "entity_name" if value == "entity_type" else value


class SpellingParameter(WireModel):
    """Wherever one of `from` is heard, `to` is written."""

    sources: Annotated[
        Annotated[list[Annotated[str, Field(pattern=r"\S")]], TO_FIRST_FAULT],
        BeforeValidator(_as_list),
        Field(alias="from", min_length=1),
    ]
    """What is heard, in any case; a string or a list of strings, each maybe several words."""
    target: Annotated[str, Field(alias="to", pattern=r"^\S+$")]
    """What is written: one word, its case kept."""


class LanguageDetectionOptions(WireModel):
    """How the language is detected, where `language_detection` is on."""

    expected_languages: Strings = None
    fallback_language: Annotated[Text, BeforeValidator(_without_list)] = None
    code_switching: Flag = None
    code_switching_confidence_threshold: Ratio = None
    on_low_language_confidence: Annotated[
        Literal["error", "fallback"] | None, Must("one of: error, fallback")
    ] = None
    swiss_german: Flag = None
    language_detection_model: Text = None


SpeakerCount = Annotated[
    Annotated[int, Field(ge=1, lt=2**31)] | None, Must("an integer between 1 and 2147483647")
]


class SpeakerOptions(WireModel):
    """How speakers are told apart, where `speaker_labels` is on."""

    min_speakers_expected: SpeakerCount = None
    max_speakers_expected: SpeakerCount = None
    use_two_stage_clustering: Flag = None
    short_file_diarization_method: Text = None
    long_file_diarization_method: Annotated[
        Literal["standard", "experimental"] | None, Must("one of: standard, experimental")
    ] = None
    name_known_voices: Flag = None
    """Not of the compatible API: say in `known_speakers` whose voices are known by name."""


class KeytermsPromptOptions(WireModel):
    """How strongly `keyterms_prompt` is followed."""

    keyterms_match_strength: Annotated[
        Literal["high", "standard"] | None, Must("one of: high, standard")
    ] = None


class RedactedAudioParameters(WireModel):
    """How the redacted recording is made, where `redact_pii_audio` is on."""

    return_redacted_no_speech_audio: Flag = None
    """Make it also where nobody speaks."""
    override_audio_redaction_method: Annotated[
        Literal["silence"] | None, Must("one of: silence")
    ] = None
    """Silence in place of what is hidden, instead of a tone."""


class EchoedParameters(WireModel):
    """The parameters that a Transcript object repeats, with their defaults; null where unset."""

    language_code: Text = "en_us"
    """Language of the speech."""
    language_codes: Strings = None
    """Languages of speech that switches between them: at most two, one of them `en`."""
    language_detection: Flag = False
    """Find out the language. Without a Whisper model: English, or another that fails."""
    language_confidence_threshold: Ratio = None
    """Smallest confidence of a detected language. Without effect while detection is off."""
    language_detection_options: Annotated[
        LanguageDetectionOptions | None, Must("an object of options")
    ] = None
    """Without effect while detection is off."""

    speech_model: Text = None
    """Model tier of 2025 clients: best, nano, slam-1 or universal. Null when none was asked for."""
    speech_models: Strings = None
    """Model tiers of 2026 clients, the preferred one first."""
    domain: Annotated[Literal["medical-v1"] | None, Must("one of: medical-v1")] = None
    """Not available yet."""
    prompt: Text = None
    """Text whose names and terms are listened for. Not together with `keyterms_prompt`."""
    temperature: Ratio = None
    """Without effect: the models of this server do not sample."""
    keyterms_prompt: Strings = None
    """Terms to listen for and to spell like this: at most 1,000, of six words each."""
    keyterms_prompt_options: Annotated[
        KeytermsPromptOptions | None, Must("an object of options")
    ] = None
    """How strongly. Without effect while there is no `keyterms_prompt`."""
    word_boost: Strings = None
    """Terms to listen for, as `keyterms_prompt`, for older clients."""
    boost_param: Annotated[
        Literal["low", "default", "high"] | None, Must("one of: low, default, high")
    ] = None
    """How strongly. Without effect while there is no `word_boost`."""

    punctuate: Flag = True
    """Write punctuation."""
    format_text: Flag = True
    """Write proper nouns and sentence starts in upper case, and numbers as numerals."""
    disfluencies: Flag = False
    """Keep fillers such as "um"."""
    filter_profanity: Flag = False
    """Replace all but the first letter of profane words with asterisks."""
    custom_spelling: Annotated[
        Annotated[list[SpellingParameter], TO_FIRST_FAULT] | None,
        Must('a list of objects with "from" (a string or a list of strings) and "to" (one word)'),
    ] = None
    """How words are to be written."""
    remove_audio_tags: Annotated[Literal["all"] | None, Must("one of: all")] = None
    """Leave out what a model writes about sounds and speakers: `[music]`, `(laughter)`."""

    multichannel: Flag = False
    """Transcribe every channel apart."""
    dual_channel: Flag = False
    """Transcribe the two channels apart. Deprecated: use `multichannel`."""
    audio_start_from: Milliseconds = None
    """Where in the recording to begin, in milliseconds."""
    audio_end_at: Milliseconds = None
    """Where in the recording to stop, in milliseconds."""
    speech_threshold: Ratio = None
    """Smallest share of the recording that must be speech."""

    speaker_labels: Flag = False
    """Tell speakers apart: every word has one, and `utterances` are what each said in a row."""
    speakers_expected: SpeakerCount = None
    """How many speakers there are, on each channel. Without effect without `speaker_labels`."""
    speaker_options: Annotated[SpeakerOptions | None, Must("an object of options")] = None
    """How few and how many there may be; with `name_known_voices`, who of those enrolled speaks.
    Without effect without `speaker_labels`."""

    auto_highlights: Flag = False
    """Find the key phrases. English only."""
    auto_chapters: Flag = False
    """Divide the recording by subject, each with gist, headline and summary. English only. Not
    together with `summarization`."""
    content_safety: Flag = False
    """Find sensitive content, by section, and how grave it is. `unavailable` unless in English."""
    content_safety_confidence: Annotated[
        # The client library of the compatible API prints this sentence, its full stop included.
        Annotated[int, Field(ge=25, le=100)] | None,
        Must("between 25 and 100 (inclusive)."),
    ] = None
    """How likely content must be to be told, in per cent: 50 unless given. Without effect without
    `content_safety`."""
    iab_categories: Flag = False
    """Tell what each section is about, of 698 topics. `unavailable` unless in English."""
    custom_topics: Flag = False
    """Tell how relevant each of `topics` is, in `custom_topics_result`; with `redact_pii`, by
    their places in the list: `topic 1`."""
    topics: Strings = None
    """Subjects of your own, up to 100. Without effect without `custom_topics`."""
    sentiment_analysis: Flag = False
    """Find what is felt of what each sentence says. English only."""
    entity_detection: Flag = False
    """Find what is named, by type; more of it where `earshot models pull minilm` was run."""
    summarization: Flag = False
    """Say what was said in few words. English only; needs `punctuate` and `format_text`."""
    summary_model: Annotated[
        SummaryModel | None, Must("one of: informative, conversational, catchy")
    ] = None
    """What the summary is for: `informative` unless given. Goes with `summary_type`."""
    summary_type: Annotated[
        SummaryType | None, Must("one of: bullets, bullets_verbose, gist, headline, paragraph")
    ] = None
    """Its form: `bullets` unless given. `gist` only of `catchy`, which knows `headline` besides."""

    redact_pii: Flag = False
    """Hide what the policies name, in the text and in all that is made of it: not in `entities`,
    nor in the recording that was sent. In English; in other languages, your own terms alone.

    `prompt`, `keyterms_prompt`, `word_boost`, `custom_spelling` and `topics` are then not repeated.
    """
    redact_pii_policies: Strings = None
    """What is hidden, in English. A policy that would hide nothing, or too little, is refused."""
    redact_pii_sub: Annotated[
        Literal["hash", "entity_name"] | None,
        BeforeValidator(entity_name),
        Must("one of: hash, entity_name"),
    ] = None
    """What a hidden word becomes: hashes, as many as it has characters, or the policy's name.

    Without effect while `redact_pii` is off.
    """
    redact_pii_audio: Flag = False
    """Make a recording, too, in which nobody hears what is hidden. Without effect without
    `redact_pii`."""
    redact_pii_audio_quality: Annotated[Literal["mp3", "wav"] | None, Must("one of: mp3, wav")] = (
        None
    )
    """Its format: `mp3` unless given. Without effect while `redact_pii_audio` is off."""
    redact_pii_audio_options: Annotated[
        RedactedAudioParameters | None, Must("an object of options")
    ] = None
    """Silence instead of a tone, and whether it is made where nobody speaks. Without effect while
    `redact_pii_audio` is off."""
    redact_pii_return_unredacted: Flag = False
    """Keep what was said as well, and return it in fields of its own. Without effect while
    `redact_pii` is off."""
    redact_static_entities: Annotated[
        Annotated[dict[str, Annotated[list[str], TO_FIRST_FAULT]], BeforeValidator(_not_of_many)]
        | None,
        Must("an object of lists of strings"),
    ] = None
    """Words and phrases of your own that are hidden, by the label that they are hidden under.

    At most 1,000, of six words each. Never returned, and forgotten when the transcript ends.
    Without effect while `redact_pii` is off.
    """

    webhook_url: Annotated[
        Annotated[str, AfterValidator(web_url)] | None,
        Must("an http or https URL without a user name or password"),
    ] = None
    """Where to post the news that the transcript is completed, or has failed."""
    webhook_auth_header_name: Annotated[
        Annotated[str, AfterValidator(header_name)] | None,
        Must("the name of an HTTP header that is not reserved"),
    ] = None
    """Name of an extra header of the webhook."""
