from earshot.transcript.findings import Topics
from earshot.transcript.options import UnderstandingOptions
from earshot.transcript.words import Word
from earshot.understanding.encoder import TextEncoder
from earshot.understanding.feature import FinishedTranscript
from earshot.understanding.features.custom_topics import MAX_TOPICS, CustomTopicsFeature
from tests.understanding.scripted_encoder import WordEncoder

SAID = "Smoke from the wildfires lowers the air quality. The match was rained off on Sunday. " * 3


def found_of(*topics: str, encoder: TextEncoder | None = None) -> tuple[Topics, tuple[str, ...]]:
    words = [Word(one, 300 * i, 300 * i + 250, 0.9) for i, one in enumerate(SAID.split())]
    options = UnderstandingOptions(custom_topics=topics)
    feature = CustomTopicsFeature(encoder)
    assert feature.is_asked_for(options)
    findings = feature.find(FinishedTranscript(tuple(words), "en_us"), options)
    assert findings.custom_topics is not None
    assert [one.name for one in findings.methods] == ["words" if encoder is None else "encoder"]
    return findings.custom_topics, findings.warnings


def test_every_topic_is_told_for_every_section_by_relevance() -> None:
    topics, warnings = found_of("chess", "air quality")
    for section in topics.sections:
        assert [topic.label for topic in section.topics] == ["air quality", "chess"]
        assert section.topics[0].relevance > section.topics[1].relevance
    assert [topic.label for topic in topics.whole] == ["air quality", "chess"]
    assert "earshot models pull minilm" in warnings[0]


def test_with_an_encoder_nearness_tells() -> None:
    topics, warnings = found_of("smoke wildfires air", "chess", encoder=WordEncoder())
    assert topics.whole[0].label == "smoke wildfires air"
    assert warnings == ()


def test_more_topics_than_are_read_are_told() -> None:
    topics, warnings = found_of(*(f"topic {n}" for n in range(MAX_TOPICS + 1)))
    assert len(topics.whole) == MAX_TOPICS
    assert "the first 100 topics" in warnings[0]


def test_without_topics_it_is_not_asked_for() -> None:
    assert not CustomTopicsFeature(None).is_asked_for(UnderstandingOptions())
