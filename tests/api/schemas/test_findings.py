from dataclasses import replace

import pytest

from earshot.api.schemas.findings import finding_fields, methods_of, understanding_of
from earshot.api.schemas.transcript_request import TranscriptRequest
from earshot.transcript.findings import (
    Chapter,
    Findings,
    FoundEntity,
    KeyPhrase,
    SentenceSentiment,
    Span,
    Unavailable,
)
from earshot.transcript.options import SummaryOptions, UnderstandingOptions

PHRASE = KeyPhrase("air quality alerts", 0.0812, (Span(3978, 5114), Span(9000, 9900)))
CHAPTER = Chapter("Smoke", "Smoke comes.", "Smoke comes down.", 250, 28840)


def request(**parameters: object) -> TranscriptRequest:
    return TranscriptRequest.parse({"audio_url": "https://example.com/a.mp3", **parameters})


def test_a_request_without_models_asks_for_nothing() -> None:
    assert understanding_of(request()) == UnderstandingOptions()
    assert understanding_of(request(summary_type="gist")).summary is None


def test_each_model_is_asked_for_by_its_parameter() -> None:
    assert understanding_of(request(auto_highlights=True)).key_phrases
    assert understanding_of(request(auto_chapters=True)).chapters
    assert understanding_of(request(entity_detection=True)).entities
    assert understanding_of(request(sentiment_analysis=True)).sentiment


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, SummaryOptions("informative", "bullets")),
        (
            {"summary_model": "catchy", "summary_type": "gist"},
            SummaryOptions("catchy", "gist"),
        ),
    ],
)
def test_a_summary_has_a_model_and_a_form(
    parameters: dict[str, object], expected: SummaryOptions
) -> None:
    assert understanding_of(request(summarization=True, **parameters)).summary == expected


def test_findings_have_the_documented_shapes() -> None:
    fields = finding_fields(Findings(key_phrases=(PHRASE,), chapters=(CHAPTER,), summary="Smoke."))
    assert fields["auto_highlights_result"].model_dump() == {
        "status": "success",
        "results": [
            {
                "count": 2,
                "rank": 0.08,
                "text": "air quality alerts",
                "timestamps": [{"start": 3978, "end": 5114}, {"start": 9000, "end": 9900}],
            }
        ],
    }
    assert [chapter.model_dump() for chapter in fields["chapters"]] == [
        {
            "gist": "Smoke",
            "headline": "Smoke comes.",
            "summary": "Smoke comes down.",
            "start": 250,
            "end": 28840,
        }
    ]
    assert fields["summary"] == "Smoke."


def test_entities_have_their_documented_shape() -> None:
    fields = finding_fields(Findings(entities=(FoundEntity("url", "example.com", 1, 2),)))
    assert [entity.model_dump() for entity in fields["entities"]] == [
        {"entity_type": "url", "text": "example.com", "start": 1, "end": 2}
    ]


def test_a_model_that_failed_is_unavailable() -> None:
    failed = Findings(unavailable=(Unavailable("auto_highlights", "It failed."),))
    assert finding_fields(failed)["auto_highlights_result"].model_dump() == {
        "status": "unavailable",
        "results": [],
    }


def test_sentiments_are_shown_in_their_order() -> None:
    sentiments = (
        SentenceSentiment("Good.", 0, 300, "POSITIVE", 0.8, "A", None),
        SentenceSentiment("Bad.", 300, 600, "NEGATIVE", 0.7, "B", None),
    )
    shown = finding_fields(Findings(sentiments=sentiments))["sentiment_analysis_results"]
    assert [(one.text, one.sentiment, one.speaker) for one in shown] == [
        ("Good.", "POSITIVE", "A"),
        ("Bad.", "NEGATIVE", "B"),
    ]
    assert finding_fields(Findings(sentiments=()))["sentiment_analysis_results"] == []


def test_what_was_not_asked_for_has_no_field() -> None:
    assert finding_fields(None) == {}
    assert finding_fields(Findings()) == {"summary": None}


def test_methods_are_told_by_feature() -> None:
    found = Findings(summary="Smoke.").by("summarization", "extractive")
    assert methods_of(found) == {"summarization": "extractive"}
    assert methods_of(replace(found, methods=())) is None
    assert methods_of(None) is None
