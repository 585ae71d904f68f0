from earshot.api.schemas.content import content_fields
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
