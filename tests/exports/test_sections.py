from earshot.exports.sections import render_findings
from earshot.transcript.findings import (
    Findings,
    Safety,
    SafetyLabel,
    SafetySection,
    SentenceSentiment,
    Topic,
    Topics,
)
from tests.exports.found import FOUND


def test_people_read_it_in_sections() -> None:
    assert render_findings(FOUND) == (
        "## Summary\n\n- Smoke drifts.\n- It is bad.\n\n"
        "## Chapters\n\n### [01:01] Smoke drifts \\*south\\*.\n\nIt is bad.\n\n"
        "## Key phrases\n\n- air quality (00:00, 01:05)\n\n"
        "## Entities\n\n- date: May 5 (00:01)\n- phone number: 555-0143 (00:05)\n"
    )


def test_nothing_found_is_no_section() -> None:
    assert render_findings(Findings(summary="", chapters=(), key_phrases=(), entities=())) == ""


def test_feelings_topics_and_sensitive_content_are_told_with_their_places() -> None:
    found = Findings(
        sentiments=(
            SentenceSentiment("Hm.", 0, 900, "NEUTRAL", 0.8, "A", None),
            SentenceSentiment("Bad.", 61_000, 62_000, "NEGATIVE", 0.8, "A", None),
        ),
        topics=Topics((), (Topic("Home&Garden>Pets", 1.0), Topic("Science", 0.456))),
        safety=Safety(
            (SafetySection("Bad.", (SafetyLabel("hate_speech", 0.8, 0.4),), 1, 1, 61_000, 62_000),),
            {"hate_speech": 0.8},
            {},
        ),
    )
    assert render_findings(found) == (
        "## Sentiment\n\n- positive: 0 of 2 sentences\n- neutral: 1 of 2 sentences\n"
        "- negative: 1 of 2 sentences\n\n- [01:01] negative: Bad.\n\n"
        "## Topics\n\n- Home&Garden\\>Pets (1.00)\n- Science (0.46)\n\n"
        "## Sensitive content\n\n- hate speech (0.80): 01:01\n"
    )
