"""What a request asks about topics and sensitive content."""

from earshot.api.schemas.parameters import EchoedParameters

DEFAULT_CONFIDENCE = 50  # "content_safety_confidence: default 50"


def safety_threshold_of(wire: EchoedParameters) -> float | None:
    """From which confidence on content is told, 0 to 1; None where it is not asked for."""
    if not wire.content_safety:
        return None
    return (wire.content_safety_confidence or DEFAULT_CONFIDENCE) / 100


def custom_topics_of(wire: EchoedParameters) -> tuple[str, ...]:
    """The caller's topics, each once."""
    if not wire.custom_topics:
        return ()
    return tuple(dict.fromkeys(topic for topic in wire.topics or () if topic.strip()))


def custom_topic_warnings(wire: EchoedParameters) -> list[str]:
    """A sentence for a parameter of custom topics that changes nothing."""
    if wire.custom_topics and not wire.topics:
        return ["custom_topics has no effect without topics"]
    return []
