from earshot.exports.findings import describe_findings
from earshot.transcript.findings import (
    Findings,
    Safety,
    SafetyLabel,
    SafetySection,
    SentenceSentiment,
    SeverityShares,
    Topic,
    Topics,
    TopicSection,
    Unavailable,
)
from tests.exports.found import FOUND

FOUND_BY_EXTRACTION = FOUND.by("summarization", "extractive")


def test_what_was_found_has_the_keys_and_units_of_the_api() -> None:
    assert describe_findings(FOUND_BY_EXTRACTION) == {
        "summary": "- Smoke drifts.\n- It is bad.",
        "chapters": [
            {
                "gist": "Smoke",
                "headline": "Smoke drifts *south*.",
                "summary": "It is bad.",
                "start": 61_000,
                "end": 90_000,
            }
        ],
        "auto_highlights_result": {
            "status": "success",
            "results": [
                {
                    "count": 2,
                    "rank": 0.46,
                    "text": "air quality",
                    "timestamps": [{"start": 0, "end": 900}, {"start": 65_000, "end": 66_000}],
                }
            ],
        },
        "entities": [
            {"entity_type": "phone_number", "text": "555-0143", "start": 5_000, "end": 6_000},
            {"entity_type": "date", "text": "May 5", "start": 1_000, "end": 2_000},
        ],
        "methods": {"summarization": "extractive"},
    }


def test_what_failed_is_null_and_what_was_not_asked_for_is_absent() -> None:
    failed = Findings(unavailable=(Unavailable("auto_chapters", "auto_chapters failed"),))
    assert describe_findings(failed) == {"chapters": None, "methods": {}}


def test_feelings_topics_and_sensitive_content_are_described_as_the_api_does() -> None:
    found = Findings(
        sentiments=(SentenceSentiment("Bad.", 0, 900, "NEGATIVE", 0.8, None, 2),),
        topics=Topics(
            (TopicSection("Smoke.", (Topic("Science>Environment", 0.9),), 0, 900),),
            (Topic("Science>Environment", 1.0),),
        ),
        safety=Safety(
            (SafetySection("Smoke.", (SafetyLabel("disasters", 0.8, 0.4),), 0, 1, 0, 900),),
            {"disasters": 0.8},
            {"disasters": SeverityShares(0.5, 0.5, 0.0)},
        ),
    )
    assert describe_findings(found) == {
        "sentiment_analysis_results": [
            {
                "text": "Bad.",
                "start": 0,
                "end": 900,
                "sentiment": "NEGATIVE",
                "confidence": 0.8,
                "speaker": "2",
            }
        ],
        "iab_categories_result": {
            "status": "success",
            "results": [
                {
                    "text": "Smoke.",
                    "labels": [{"label": "Science>Environment", "relevance": 0.9}],
                    "timestamp": {"start": 0, "end": 900},
                }
            ],
            "summary": {"Science>Environment": 1.0},
        },
        "content_safety_labels": {
            "status": "success",
            "results": [
                {
                    "text": "Smoke.",
                    "labels": [{"label": "disasters", "confidence": 0.8, "severity": 0.4}],
                    "sentences_idx_start": 0,
                    "sentences_idx_end": 1,
                    "timestamp": {"start": 0, "end": 900},
                }
            ],
            "summary": {"disasters": 0.8},
            "severity_score_summary": {"disasters": {"low": 0.5, "medium": 0.5, "high": 0.0}},
        },
        "methods": {},
    }


def test_nothing_found_is_not_the_same_as_nothing_asked_for() -> None:
    assert describe_findings(Findings(chapters=(), key_phrases=(), summary="")) == {
        "summary": "",
        "chapters": [],
        "auto_highlights_result": {"status": "success", "results": []},
        "methods": {},
    }
