"""What a request wants to be hidden."""

import pytest

from earshot.api.schemas.redaction import redaction_of, redaction_warnings, require_policies
from earshot.api.schemas.transcript_request import TranscriptRequest
from earshot.errors import RequestInvalid
from earshot.transcript.options import OwnTerms, RedactionOptions


def request(**parameters: object) -> TranscriptRequest:
    return TranscriptRequest.parse({"audio_url": "https://example.com/a.mp3", **parameters})


def test_policies_and_terms_become_options() -> None:
    wire = request(
        redact_pii=True,
        redact_pii_policies=["date", "url"],
        redact_pii_sub="entity_name",
        redact_static_entities={"project": ["Blue Sky"]},
    )
    assert redaction_of(wire) == RedactionOptions(
        ("date", "url"), "entity_name", (OwnTerms("project", ("Blue Sky",)),)
    )
    assert redaction_warnings(wire) == ()


def test_without_policies_or_without_the_switch_nothing_is_hidden() -> None:
    assert redaction_of(request(redact_pii=True)) is None
    assert redaction_of(request(redact_pii_policies=["date"])) is None
    assert redaction_warnings(request(redact_pii=True)) != ()


@pytest.mark.parametrize(
    ("policies", "told"),
    [
        (["date", "dates"], "redact_pii_policies has an unknown policy: dates"),
        (
            ["date", "person_name", "location_city"],
            "redact_pii_policies not available on this server yet: person_name, location_city",
        ),
    ],
)
def test_a_policy_that_would_hide_nothing_is_refused(policies: list[str], told: str) -> None:
    with pytest.raises(RequestInvalid) as refused:
        require_policies(request(redact_pii=True, redact_pii_policies=policies))
    assert str(refused.value) == told
    require_policies(request(redact_pii=True, redact_pii_policies=["date", "gender"]))
