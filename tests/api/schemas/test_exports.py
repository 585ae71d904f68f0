from earshot.api.schemas.exports import paragraph_bodies, sentence_bodies, word_search_body
from earshot.exports.paragraphs import split_paragraphs
from earshot.exports.search import search_words
from earshot.transcript.sentences import split_sentences
from tests.api.conftest import spoken


def test_a_sentence_has_its_words_times_and_speaker() -> None:
    first, second = sentence_bodies(split_sentences(spoken("Good morning. How are you?")))
    assert (first.text, first.start, first.end, len(first.words)) == ("Good morning.", 0, 900, 2)
    assert (second.text, second.start) == ("How are you?", 1000)
    assert first.model_dump().keys() == {
        "text",
        "start",
        "end",
        "confidence",
        "words",
        "speaker",
    }


def test_a_sentence_of_a_channel_names_it() -> None:
    [body] = sentence_bodies(split_sentences(spoken("Good morning.", channel=2)))
    assert (body.channel, body.speaker) == ("2", "2")


def test_a_paragraph_has_its_words_and_times() -> None:
    [body] = paragraph_bodies(split_paragraphs(spoken("Good morning. How are you?")))
    assert (body.text, body.start, body.end) == ("Good morning. How are you?", 0, 2400)
    assert len(body.words) == 5


def test_the_total_is_the_sum_of_the_counts() -> None:
    words = spoken("smoke and wildfires and smoke")
    body = word_search_body("t", search_words(words, ["smoke", "wildfires", "rain"]))
    assert body.model_dump(mode="json") == {
        "id": "t",
        "total_count": 3,
        "matches": [
            {
                "text": "smoke",
                "count": 2,
                "timestamps": [[0, 400], [2000, 2400]],
                "indexes": [0, 4],
            },
            {"text": "wildfires", "count": 1, "timestamps": [[1000, 1400]], "indexes": [2]},
        ],
    }
