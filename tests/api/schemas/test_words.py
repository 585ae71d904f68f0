from earshot.api.schemas.words import utterance_bodies, word_bodies
from earshot.transcript.words import Utterance, Word


def test_a_word_without_a_channel_has_no_key_for_it() -> None:
    [body] = word_bodies([Word("Smoke", 250, 650, 0.97)])
    assert body.model_dump() == {
        "text": "Smoke",
        "start": 250,
        "end": 650,
        "confidence": 0.97,
        "speaker": None,
    }


def test_a_channel_is_a_string_and_stands_in_for_the_speaker() -> None:
    [body] = word_bodies([Word("Smoke", 250, 650, 0.97, channel=2)])
    assert (body.channel, body.speaker) == ("2", "2")


def test_a_speaker_that_is_known_is_shown_beside_the_channel() -> None:
    [body] = word_bodies([Word("Smoke", 250, 650, 0.97, speaker="2A", channel=2)])
    assert (body.channel, body.speaker) == ("2", "2A")


def test_an_utterance_has_its_words() -> None:
    words = (Word("Good", 0, 100, 0.5, channel=1), Word("morning.", 120, 400, 1.0, channel=1))
    [body] = utterance_bodies([Utterance(words=words, speaker="1", channel=1)])
    assert body.model_dump(exclude={"words"}) == {
        "speaker": "1",
        "text": "Good morning.",
        "start": 0,
        "end": 400,
        "confidence": 0.75,
        "channel": "1",
    }
    assert [word.text for word in body.words] == ["Good", "morning."]
