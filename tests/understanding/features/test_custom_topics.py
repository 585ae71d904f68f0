from earshot.transcript.findings import Topics
from earshot.transcript.options import UnderstandingOptions
from earshot.transcript.words import Word
from earshot.understanding.encoder import TextEncoder
from earshot.understanding.feature import FinishedTranscript
from earshot.understanding.features.custom_topics import MAX_TOPICS, CustomTopicsFeature
from tests.understanding.scripted_encoder import WordEncoder

SAID = "Smoke from the wildfires lowers the air quality. The match was rained off on Sunday. " * 3


def found_of(
    *topics: str, encoder: TextEncoder | None = None, is_redacted: bool = False
) -> tuple[Topics, tuple[str, ...]]:
    words = [Word(one, 300 * i, 300 * i + 250, 0.9) for i, one in enumerate(SAID.split())]
    options = UnderstandingOptions(custom_topics=topics)
    feature = CustomTopicsFeature(encoder)
    assert feature.is_asked_for(options)
    transcript = FinishedTranscript(tuple(words), "en_us", is_redacted=is_redacted)
    findings = feature.find(transcript, options)
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


def test_of_a_redacted_transcript_topics_are_told_by_their_places() -> None:
    topics, warnings = found_of("chess", "air quality", is_redacted=True)
    named, _ = found_of("chess", "air quality")
    places = {"chess": "topic 1", "air quality": "topic 2"}
    for section, known in zip(topics.sections, named.sections, strict=True):
        assert [(places[t.label], t.relevance) for t in known.topics] == [
            (t.label, t.relevance) for t in section.topics
        ]
    assert topics.whole[0].label == "topic 2"
    assert "chess" not in str(topics)
    assert any("'topic 1' for the first" in warning for warning in warnings)


def test_more_topics_than_are_read_are_told() -> None:
    topics, warnings = found_of(*(f"topic {n}" for n in range(MAX_TOPICS + 1)))
    assert len(topics.whole) == MAX_TOPICS
    assert "the first 100 topics" in warnings[0]


def test_without_topics_it_is_not_asked_for() -> None:
    assert not CustomTopicsFeature(None).is_asked_for(UnderstandingOptions())
