"""What was found out about a finished transcript, by the features of `understanding`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, Self

FeatureName = Literal[
    "auto_highlights",
    "auto_chapters",
    "summarization",
    "entity_detection",
    "sentiment_analysis",
    "translation",
    "speaker_identification",
    "custom_formatting",
    "iab_categories",
    "content_safety",
    "custom_topics",
]
"""A feature, by the parameter of the API that asks for it."""
Feeling = Literal["NEGATIVE", "NEUTRAL", "POSITIVE"]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the recording, in ms, half-open."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class KeyPhrase:
    """Words that say what the transcript is about; `times` are all places where they are said.

    `rank` is the relevance, 0 to 1.
    """

    text: str
    rank: float
    times: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A stretch about one subject: `gist` is a few words, `headline` one sentence."""

    gist: str
    headline: str
    summary: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class FoundEntity:
    """Words that name something of one of the types of the API, not redacted."""

    entity_type: str
    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class SentenceSentiment:
    """What is felt of what a sentence says; `confidence` is how likely the feeling is, 0 to 1."""

    text: str
    start_ms: int
    end_ms: int
    feeling: Feeling
    confidence: float
    speaker: str | None
    channel: int | None


@dataclass(frozen=True, slots=True)
class Translations:
    """The text in other languages, by code, in the order in which they were asked for.

    `of_utterances` has the same of each utterance, where that was asked for.
    """

    texts: Mapping[str, str]
    of_utterances: tuple[Mapping[str, str], ...] | None = None


@dataclass(frozen=True, slots=True)
class FormattedText:
    """The text with its values written as asked for; `changes` are what was said -> its form.

    `utterances` are theirs, one for each, where that was asked for.
    """

    changes: Mapping[str, str]
    text: str
    utterances: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject, and how far something is about it: `relevance`, 0 to 1."""

    label: str
    relevance: float


@dataclass(frozen=True, slots=True)
class TopicSection:
    """Some consecutive sentences, and what they are about, by relevance, the highest first."""

    text: str
    topics: tuple[Topic, ...]
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Topics:
    """What the sections are about, by time, and the whole, by relevance."""

    sections: tuple[TopicSection, ...]
    whole: tuple[Topic, ...]


@dataclass(frozen=True, slots=True)
class SafetyLabel:
    """Sensitive content; `confidence` is how likely it is there, `severity` how grave, 0 to 1.

    The severity is None of what has none.
    """

    label: str
    confidence: float
    severity: float | None


@dataclass(frozen=True, slots=True)
class SafetySection:
    """Some consecutive sentences with sensitive content, by confidence, the highest first.

    The numbers of the sentences count from 0; the last one is among them.
    """

    text: str
    labels: tuple[SafetyLabel, ...]
    first_sentence: int
    last_sentence: int
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class SeverityShares:
    """How much of a label's content is of which severity; together 1."""

    low: float
    medium: float
    high: float


@dataclass(frozen=True, slots=True)
class Safety:
    """The sections with sensitive content, by time; of the whole, by label, how likely and grave.

    `severities` has the labels that have one.
    """

    sections: tuple[SafetySection, ...]
    confidences: Mapping[str, float]
    severities: Mapping[str, SeverityShares]


@dataclass(frozen=True, slots=True)
class Method:
    """By which method a feature found what it found, such as "extractive".

    `feature` is a FeatureName, maybe of a newer version, which stored this. `notice` is a sentence
    for the caller where another method was to be used, and failed.
    """

    feature: str
    name: str
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A feature that was asked for and found nothing out; `reason` is a sentence for the caller."""

    feature: str
    reason: str


@dataclass(frozen=True, slots=True)
class TokensUsed:
    """Tokens that a language model of that name read and wrote."""

    model: str
    input_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What the features found; None of one that was not asked for, or is among the unavailable.

    Key phrases come by rank, the highest first, chapters, entities and sentiments by time.
    `speaker_names` are names or roles by label, of the speakers that could be told. `topics` are
    those of the API's list, `custom_topics` the caller's. `tokens` are what language models
    took for all of it.
    """

    key_phrases: tuple[KeyPhrase, ...] | None = None
    chapters: tuple[Chapter, ...] | None = None
    summary: str | None = None
    entities: tuple[FoundEntity, ...] | None = None
    sentiments: tuple[SentenceSentiment, ...] | None = None
    translations: Translations | None = None
    speaker_names: Mapping[str, str] | None = None
    formatted: FormattedText | None = None
    topics: Topics | None = None
    safety: Safety | None = None
    custom_topics: Topics | None = None
    methods: tuple[Method, ...] = ()
    unavailable: tuple[Unavailable, ...] = ()
    tokens: tuple[TokensUsed, ...] = ()

    def by(self, feature: FeatureName, name: str, notice: str | None = None) -> Self:
        """The same, with the method by which it was found."""
        return replace(self, methods=(*self.methods, Method(feature, name, notice)))

    def joined_with(self, others: "Findings") -> "Findings":
        """These and those of another feature."""
        return Findings(
            key_phrases=self.key_phrases if others.key_phrases is None else others.key_phrases,
            chapters=self.chapters if others.chapters is None else others.chapters,
            summary=self.summary if others.summary is None else others.summary,
            entities=self.entities if others.entities is None else others.entities,
            sentiments=self.sentiments if others.sentiments is None else others.sentiments,
            translations=self.translations if others.translations is None else others.translations,
            speaker_names=(
                self.speaker_names if others.speaker_names is None else others.speaker_names
            ),
            formatted=self.formatted if others.formatted is None else others.formatted,
            topics=self.topics if others.topics is None else others.topics,
            safety=self.safety if others.safety is None else others.safety,
            custom_topics=(
                self.custom_topics if others.custom_topics is None else others.custom_topics
            ),
            methods=self.methods + others.methods,
            unavailable=self.unavailable + others.unavailable,
            tokens=self.tokens + others.tokens,
        )

    def lacks(self, feature: FeatureName) -> bool:
        """Whether the feature was asked for in vain."""
        return any(one.feature == feature for one in self.unavailable)

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for each thing that did not go as it was asked for."""
        notices = [method.notice for method in self.methods if method.notice is not None]
        return (*(one.reason for one in self.unavailable), *notices)
