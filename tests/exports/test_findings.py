from earshot.exports.findings import describe_findings, render_findings
from earshot.transcript.findings import (
    Chapter,
    Findings,
    FoundEntity,
    KeyPhrase,
    Span,
    Unavailable,
)

FOUND = Findings(
    key_phrases=(KeyPhrase("air quality", 0.456, (Span(0, 900), Span(65_000, 66_000))),),
    chapters=(Chapter("Smoke", "Smoke drifts *south*.", "It is bad.", 61_000, 90_000),),
    summary="- Smoke drifts.\n- It is bad.",
    entities=(
        FoundEntity("phone_number", "555-0143", 5_000, 6_000),
        FoundEntity("date", "May 5", 1_000, 2_000),
    ),
).by("summarization", "extractive")


def test_what_was_found_has_the_keys_and_units_of_the_api() -> None:
    assert describe_findings(FOUND) == {
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


def test_people_read_it_in_sections() -> None:
    assert render_findings(FOUND) == (
        "## Summary\n\n- Smoke drifts.\n- It is bad.\n\n"
        "## Chapters\n\n### [01:01] Smoke drifts \\*south\\*.\n\nIt is bad.\n\n"
        "## Key phrases\n\n- air quality (00:00, 01:05)\n\n"
        "## Entities\n\n- date: May 5 (00:01)\n- phone number: 555-0143 (00:05)\n"
    )


def test_nothing_found_is_no_section() -> None:
    assert render_findings(Findings(summary="", chapters=(), key_phrases=(), entities=())) == ""
