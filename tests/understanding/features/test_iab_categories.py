from earshot.transcript.options import UnderstandingOptions
from earshot.transcript.words import Word
from earshot.understanding.feature import FinishedTranscript
from earshot.understanding.features.iab_categories import N_OF_WHOLE, N_PER_SECTION, TopicsFeature
from tests.understanding.scripted_encoder import WordEncoder

ASKED = UnderstandingOptions(topics=True)
TENNIS = "She served an ace at match point, and her forehand was too much at Wimbledon today. "
WINE = "The vineyard bottles a young red wine, and the brewery has a pale ale and a stout. "


def saying(text: str) -> FinishedTranscript:
    words = [Word(one, 300 * i, 300 * i + 250, 0.9) for i, one in enumerate(text.split())]
    return FinishedTranscript(tuple(words), "en_us")


def test_every_section_is_told_with_ten_topics_and_the_whole_with_twenty() -> None:
    feature = TopicsFeature(WordEncoder())
    assert feature.is_asked_for(ASKED)
    assert not feature.is_asked_for(UnderstandingOptions())
    found = feature.find(saying(TENNIS * 8 + WINE * 8), ASKED)
    assert [(one.feature, one.name) for one in found.methods] == [("iab_categories", "encoder")]
    topics = found.topics
    assert topics is not None
    assert len(topics.sections) > 2
    for section in topics.sections:
        relevances = [topic.relevance for topic in section.topics]
        assert len(relevances) == N_PER_SECTION
        assert relevances == sorted(relevances, reverse=True)
        assert all(0 <= one <= 1 for one in relevances)
    assert len(topics.whole) == N_OF_WHOLE
    assert topics.whole[0].relevance == 1
    assert (topics.sections[0].start_ms, topics.sections[0].text[:3]) == (0, "She")


def test_without_an_encoder_words_tell_the_topics_and_a_notice_says_so() -> None:
    found = TopicsFeature(None).find(saying(TENNIS * 6), ASKED)
    topics = found.topics
    assert topics is not None
    assert topics.sections[0].topics[0].label == "Sports>Tennis"
    assert [one.name for one in found.methods] == ["words"]
    assert "earshot models pull minilm" in found.warnings[0]


def test_of_silence_there_are_no_sections() -> None:
    topics = TopicsFeature(WordEncoder()).find(saying(""), ASKED).topics
    assert topics is not None
    assert (topics.sections, topics.whole) == ((), ())
