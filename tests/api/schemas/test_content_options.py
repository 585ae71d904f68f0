import pytest

from earshot.api.schemas.content_options import (
    custom_topic_warnings,
    custom_topics_of,
    safety_threshold_of,
)
from earshot.api.schemas.transcript_request import TranscriptRequest


def request(**parameters: object) -> TranscriptRequest:
    return TranscriptRequest.parse({"audio_url": "https://example.com/a.mp3", **parameters})


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


def test_topics_of_the_callers_need_both_parameters() -> None:
    topics = {"topics": ["wine", "tennis", "wine", " "]}
    asked = {"custom_topics": True, **topics}
    assert custom_topics_of(request(**asked)) == ("wine", "tennis")
    assert custom_topics_of(request(**topics)) == ()
    assert custom_topics_of(request(custom_topics=True)) == ()
    assert custom_topics_of(request(**asked, redact_pii=True)) == ("wine", "tennis")


def test_custom_topics_that_change_nothing_are_told() -> None:
    assert custom_topic_warnings(request(custom_topics=True, topics=["wine"])) == []
    assert custom_topic_warnings(request(custom_topics=True)) == [
        "custom_topics has no effect without topics"
    ]
