"""What a transcript is asked to be, in our own words and units."""

from dataclasses import dataclass, replace
from typing import Literal

VocabularyStrength = Literal["low", "default", "high"]
SummaryModel = Literal["informative", "conversational", "catchy"]
RedactionSubstitution = Literal["hash", "entity_name"]
RedactedAudioForm = Literal["mp3", "wav"]
RedactedAudioMethod = Literal["beep", "silence"]
SummaryForm = Literal["bullets", "bullets_verbose", "gist", "headline", "paragraph"]
SpeakerKind = Literal["name", "role"]


@dataclass(frozen=True, slots=True)
class SpellingRule:
    """Wherever one of `sources` is heard (any case, maybe several words), `target` is written."""

    sources: tuple[str, ...]
    target: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words and phrases that the recording is likely to hold, and how much they are preferred."""

    terms: tuple[str, ...] = ()
    strength: VocabularyStrength = "default"


NO_VOCABULARY = Vocabulary()


@dataclass(frozen=True, slots=True)
class LanguageDetection:
    """How the language of a recording is found out.

    Only `expected_languages` are looked for, if there are any. Where the recording is in none of
    them, or, with `falls_back`, the confidence is below `confidence_threshold`, the
    `fallback_language` is taken; None stands for the likeliest of those expected. Without
    `falls_back`, too small a confidence is an error. With `code_switching`, of two languages the
    one that is not English is taken from `code_switching_threshold` on. With `swiss_german`, German
    is taken for Swiss German.
    """

    confidence_threshold: float = 0.0
    expected_languages: tuple[str, ...] = ()
    fallback_language: str | None = None
    falls_back: bool = False
    code_switching: bool = False
    code_switching_threshold: float = 0.3
    swiss_german: bool = False


@dataclass(frozen=True, slots=True)
class SpeakerOptions:
    """How the speakers of a recording are told apart; the numbers are per channel.

    There are `expected` speakers where that is given, as far as that many can be told apart; else
    at least `minimum` and at most `maximum`; None stands for a limit that grows with the duration.
    With `names_known_voices`, those of the project's known voices that speak are named.
    """

    expected: int | None = None
    minimum: int = 1
    maximum: int | None = None
    names_known_voices: bool = False


@dataclass(frozen=True, slots=True)
class SummaryOptions:
    """What a summary is for, and the form it takes; the pair is one that the API has."""

    model: SummaryModel = "informative"
    form: SummaryForm = "bullets"


@dataclass(frozen=True, slots=True)
class OwnTerms:
    """Words and phrases of the caller's that are hidden under a label of the caller's."""

    label: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RedactedAudioOptions:
    """A recording in which nobody hears what is hidden in the words.

    It is made for a recording without words only `if_speechless`. `base_url` is where the caller
    reaches this server: what the URL in the webhook begins with.
    """

    form: RedactedAudioForm = "mp3"
    method: RedactedAudioMethod = "beep"
    if_speechless: bool = False
    base_url: str = ""


@dataclass(frozen=True, slots=True)
class RedactionOptions:
    """What is hidden in everything that is told of the recording, and by what.

    `policies` are names of the API. A word becomes as many hashes as it has characters, or the name
    of what it belongs to. With `keeps_unredacted`, what was said is kept beside it; with `audio`,
    there is a recording without what is hidden. Where settings are `not_understood`, a newer
    version of ours wrote them: who would hide words must refuse to.
    """

    policies: tuple[str, ...] = ()
    substitution: RedactionSubstitution = "hash"
    own_terms: tuple[OwnTerms, ...] = ()
    keeps_unredacted: bool = False
    audio: RedactedAudioOptions | None = None
    not_understood: tuple[str, ...] = ()

    def without_terms(self) -> "RedactionOptions":
        """The same with the labels of the caller's terms, and none of the terms."""
        return replace(self, own_terms=tuple(replace(own, terms=()) for own in self.own_terms))


@dataclass(frozen=True, slots=True)
class TranslationOptions:
    """Into which languages the text is translated; with `by_utterance`, each utterance apart."""

    languages: tuple[str, ...]
    is_formal: bool = True
    by_utterance: bool = False


@dataclass(frozen=True, slots=True)
class SpeakerCandidate:
    """Somebody who may be one of the speakers: a name or a role, and what is known of them."""

    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class SpeakerNaming:
    """Who the speakers are to be told as; with `candidates`, nobody else."""

    kind: SpeakerKind
    candidates: tuple[SpeakerCandidate, ...] = ()


@dataclass(frozen=True, slots=True)
class ValueFormats:
    """How dates, telephone numbers and mail addresses are written, each as a pattern of the API.

    None leaves what it is of as it is. With `by_utterance`, utterances are written so, too.
    """

    date: str | None = None
    phone_number: str | None = None
    email: str | None = None
    by_utterance: bool = False


@dataclass(frozen=True, slots=True)
class UnderstandingOptions:
    """What is to be found out about what was said.

    With a `safety_threshold`, sensitive content of at least that confidence, 0 to 1. The
    `custom_topics` are the caller's.
    """

    key_phrases: bool = False
    chapters: bool = False
    summary: SummaryOptions | None = None
    entities: bool = False
    sentiment: bool = False
    translation: TranslationOptions | None = None
    speaker_naming: SpeakerNaming | None = None
    value_formats: ValueFormats | None = None
    topics: bool = False
    safety_threshold: float | None = None
    custom_topics: tuple[str, ...] = ()

    @property
    def asks_nothing(self) -> bool:
        return self == NOTHING_TO_FIND

    def without_wording(self) -> "UnderstandingOptions":
        """The same without those who may be the speakers, and without the caller's topics."""
        naming = self.speaker_naming
        return replace(
            self,
            speaker_naming=naming and replace(naming, candidates=()),
            custom_topics=(),
        )


NOTHING_TO_FIND = UnderstandingOptions()


@dataclass(frozen=True, slots=True)
class TranscriptOptions:
    """The knobs of one transcript that change what the pipeline does.

    `audio_start_ms` and `audio_end_ms` cut a window out of the recording; times in the result
    stay relative to the whole recording. With a `language_detection`, `language_code` says nothing.
    `speech_models` are names of tiers or engines, the preferred one first. With `translate_to`, an
    engine that can writes in that language. `speech_threshold` is the smallest share of the audio,
    0 to 1, that must be speech. With `split_channels` every track is transcribed apart. With
    `speakers`, every word gets a speaker.
    """

    language_code: str = "en_us"
    speech_models: tuple[str, ...] = ()
    translate_to: str | None = None
    language_detection: LanguageDetection | None = None
    punctuate: bool = True
    format_text: bool = True
    disfluencies: bool = False
    filter_profanity: bool = False
    remove_audio_tags: bool = False
    custom_spelling: tuple[SpellingRule, ...] = ()
    audio_start_ms: int | None = None
    audio_end_ms: int | None = None
    speech_threshold: float = 0.0
    split_channels: bool = False
    speakers: SpeakerOptions | None = None
    vocabulary: Vocabulary = NO_VOCABULARY
    understanding: UnderstandingOptions = NOTHING_TO_FIND
    redaction: RedactionOptions | None = None

    @property
    def redacted_audio(self) -> RedactedAudioOptions | None:
        """What recording is to be made besides; None where none is asked for."""
        return None if self.redaction is None else self.redaction.audio

    @property
    def names_known_voices(self) -> bool:
        """Whether speakers are to be told apart, and those whose voices are known to be named."""
        return self.speakers is not None and self.speakers.names_known_voices

    def without_wording(self) -> "TranscriptOptions":
        """The same without the words of the caller's that may tell what was to be hidden."""
        if self.redaction is None:
            return self
        return replace(
            self,
            redaction=self.redaction.without_terms(),
            vocabulary=NO_VOCABULARY,
            custom_spelling=(),
            understanding=self.understanding.without_wording(),
        )
