"""Findings that the tests of all forms of them show."""

from earshot.transcript.findings import Chapter, Findings, FoundEntity, KeyPhrase, Span

FOUND = Findings(
    key_phrases=(KeyPhrase("air quality", 0.456, (Span(0, 900), Span(65_000, 66_000))),),
    chapters=(Chapter("Smoke", "Smoke drifts *south*.", "It is bad.", 61_000, 90_000),),
    summary="- Smoke drifts.\n- It is bad.",
    entities=(
        FoundEntity("phone_number", "555-0143", 5_000, 6_000),
        FoundEntity("date", "May 5", 1_000, 2_000),
    ),
)
