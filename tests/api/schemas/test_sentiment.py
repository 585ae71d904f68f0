from earshot.api.schemas.sentiment import sentiment_body
from earshot.transcript.findings import SentenceSentiment

SENTIMENT = SentenceSentiment("I love it.", 100, 900, "POSITIVE", 0.75, None, None)


def test_a_sentiment_is_shown_with_its_place_and_a_null_speaker() -> None:
    assert sentiment_body(SENTIMENT).model_dump(mode="json") == {
        "text": "I love it.",
        "start": 100,
        "end": 900,
        "sentiment": "POSITIVE",
        "confidence": 0.75,
        "speaker": None,
    }


def test_a_channel_is_named_and_stands_in_for_the_speaker() -> None:
    of_channel = SentenceSentiment("No.", 0, 1, "NEUTRAL", 0.5, None, 2)
    body = sentiment_body(of_channel).model_dump(mode="json")
    assert (body["speaker"], body["channel"]) == ("2", "2")
    of_both = SentenceSentiment("No.", 0, 1, "NEUTRAL", 0.5, "2B", 2)
    assert sentiment_body(of_both).speaker == "2B"
