import pytest

from earshot.api.schemas.content import (
    content_fields,
    custom_topic_warnings,
    custom_topics_of,
    safety_threshold_of,
)
from earshot.api.schemas.transcript_request import TranscriptRequest
from earshot.transcript.findings import (
    Findings,
    Safety,
    SafetyLabel,
    SafetySection,
    SeverityShares,
    Topic,
    Topics,
    TopicSection,
    Unavailable,
)

TOPICS = Topics(
    (TopicSection("Smoke.", (Topic("NewsAndPolitics>Weather", 0.5),), 250, 28840),),
    (Topic("NewsAndPolitics>Weather", 1.0),),
)
SAFETY = Safety(
    (SafetySection("Smoke.", (SafetyLabel("disasters", 0.8, 0.4),), 0, 5, 250, 28840),),
    {"disasters": 0.8, "negative_news": 0.6},
    {"disasters": SeverityShares(0.5, 0.5, 0.0)},
)


def request(**parameters: object) -> TranscriptRequest:
    return TranscriptRequest.parse({"audio_url": "https://example.com/a.mp3", **parameters})


def test_topics_have_the_documented_shape() -> None:
    fields = content_fields(Findings(topics=TOPICS))
    assert list(fields) == ["iab_categories_result"]
    assert fields["iab_categories_result"].model_dump() == {
        "status": "success",
        "results": [
            {
                "text": "Smoke.",
                "labels": [{"relevance": 0.5, "label": "NewsAndPolitics>Weather"}],
                "timestamp": {"start": 250, "end": 28840},
            }
        ],
        "summary": {"NewsAndPolitics>Weather": 1.0},
    }


def test_sensitive_content_has_the_documented_shape() -> None:
    fields = content_fields(Findings(safety=SAFETY))
    assert fields["content_safety_labels"].model_dump() == {
        "status": "success",
        "results": [
            {
                "text": "Smoke.",
                "labels": [{"label": "disasters", "confidence": 0.8, "severity": 0.4}],
                "sentences_idx_start": 0,
                "sentences_idx_end": 5,
                "timestamp": {"start": 250, "end": 28840},
            }
        ],
        "summary": {"disasters": 0.8, "negative_news": 0.6},
        "severity_score_summary": {"disasters": {"low": 0.5, "medium": 0.5, "high": 0.0}},
    }


def test_what_failed_is_unavailable_and_empty() -> None:
    names = ("iab_categories", "content_safety", "custom_topics")
    fields = content_fields(Findings(unavailable=tuple(Unavailable(one, "!") for one in names)))
    empty = {"status": "unavailable", "results": [], "summary": {}}
    assert fields["iab_categories_result"].model_dump() == empty
    assert fields["custom_topics_result"].model_dump() == empty
    assert fields["content_safety_labels"].model_dump() == empty | {"severity_score_summary": {}}
    assert content_fields(None) == content_fields(Findings()) == {}


@pytest.mark.parametrize(
    ("parameters", "threshold"),
    [
        ({}, None),
        ({"content_safety_confidence": 60}, None),
        ({"content_safety": True}, 0.5),
        ({"content_safety": True, "content_safety_confidence": 25}, 0.25),
    ],
)
def test_content_is_told_from_half_likely_on_unless_asked_otherwise(
    parameters: dict[str, object], threshold: float | None
) -> None:
    assert safety_threshold_of(request(**parameters)) == threshold


def test_topics_of_the_callers_need_both_parameters_and_no_redaction() -> None:
    topics = {"topics": ["wine", "tennis", "wine", " "]}
    asked = {"custom_topics": True, **topics}
    assert custom_topics_of(request(**asked)) == ("wine", "tennis")
    assert custom_topics_of(request(**topics)) == ()
    assert custom_topics_of(request(custom_topics=True)) == ()
    assert custom_topics_of(request(**asked, redact_pii=True)) == ()


def test_custom_topics_that_change_nothing_are_told() -> None:
    assert custom_topic_warnings(request(custom_topics=True, topics=["wine"])) == []
    assert custom_topic_warnings(request(custom_topics=True)) == [
        "custom_topics has no effect without topics"
    ]
    redacted = request(custom_topics=True, topics=["wine"], redact_pii=True)
    assert "redact_pii" in custom_topic_warnings(redacted)[0]
