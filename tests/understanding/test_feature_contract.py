"""What every feature keeps to, whatever it finds."""

from dataclasses import fields

import pytest

from earshot.transcript.findings import Findings
from earshot.transcript.options import (
    SpeakerNaming,
    SummaryOptions,
    UnderstandingOptions,
    ValueFormats,
)
from earshot.transcript.words import Word
from earshot.understanding.feature import Feature, FinishedTranscript
from earshot.understanding.features.chapters import ChaptersFeature
from earshot.understanding.features.content_safety import SafetyFeature
from earshot.understanding.features.custom_formatting import CustomFormattingFeature
from earshot.understanding.features.custom_topics import CustomTopicsFeature
from earshot.understanding.features.entities import EntitiesFeature
from earshot.understanding.features.highlights import HighlightsFeature
from earshot.understanding.features.iab_categories import TopicsFeature
from earshot.understanding.features.sentiment import SentimentFeature
from earshot.understanding.features.speaker_identification import SpeakerIdentificationFeature
from earshot.understanding.features.summary import SummaryFeature

EVERYTHING = UnderstandingOptions(
    key_phrases=True,
    chapters=True,
    entities=True,
    sentiment=True,
    summary=SummaryOptions("informative", "bullets"),
    speaker_naming=SpeakerNaming("name"),
    value_formats=ValueFormats(phone_number="(xxx)xxx-xxxx"),
    topics=True,
    safety_threshold=0.5,
    custom_topics=("air quality", "football"),
)
FEATURES: list[Feature] = [
    HighlightsFeature(),
    EntitiesFeature(),
    SentimentFeature(None),
    ChaptersFeature(),
    SummaryFeature(),
    SpeakerIdentificationFeature(),
    CustomFormattingFeature(),
    TopicsFeature(None),
    SafetyFeature(None),
    CustomTopicsFeature(None),
]
TALK = """
Hello, my name is Jane and I live in Baltimore. Smoke from wildfires in Canada lowers the air
quality. Call me at 555 010 4477 or write to jane at example dot com! Stay inside, um, okay?
"""
every_feature = pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)


def transcript_of(text: str) -> FinishedTranscript:
    words = tuple(Word(t, 300 * i, 300 * i + 250, 0.9) for i, t in enumerate(text.split()))
    return FinishedTranscript(words, "en_us")


def parts_of(findings: Findings) -> list[object]:
    names = {one.name for one in fields(findings)} - {"methods", "unavailable", "tokens"}
    return [part for name in names if (part := getattr(findings, name)) is not None]


@every_feature
def test_it_is_run_only_where_it_is_asked_for(feature: Feature) -> None:
    assert feature.is_asked_for(EVERYTHING)
    assert not feature.is_asked_for(UnderstandingOptions())


@every_feature
@pytest.mark.parametrize(
    "text",
    [
        "",
        "Yes.",
        "um uh",
        "...",
        "12 34",
        "\u00e9\u4e2d\U0001f642.",
        TALK,
        TALK.lower(),
        "a " * 500,
    ],
    ids=["empty", "one word", "fillers", "marks", "figures", "symbols", "talk", "lower", "a"],
)
def test_it_finds_its_part_and_says_how(feature: Feature, text: str) -> None:
    findings = feature.find(transcript_of(text), EVERYTHING)
    assert len(parts_of(findings)) == 1
    assert [method.feature for method in findings.methods] == [feature.name]
    assert findings.unavailable == ()


@every_feature
def test_the_same_talk_gives_the_same_findings(feature: Feature) -> None:
    talk = transcript_of(TALK)
    assert feature.find(talk, EVERYTHING) == feature.find(talk, EVERYTHING)


@every_feature
def test_what_is_hidden_from_the_reader_is_not_in_the_findings(feature: Feature) -> None:
    if feature.name == "entity_detection":
        return  # "only `entities` keeps its texts", as the API says
    said = transcript_of(TALK)
    hidden = transcript_of(TALK.replace("Jane", "####").replace("Baltimore", "[LOCATION]"))
    redacted = FinishedTranscript(hidden.words, "en_us", "default", said.words)
    found = str(feature.find(redacted, EVERYTHING))
    assert "Jane" not in found
    assert "Baltimore" not in found
