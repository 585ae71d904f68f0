from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from earshot.transcript.options import UnderstandingOptions
from earshot.understanding.encoder import ENCODER_SIZE, TokenStates, Vectors
from earshot.understanding.feature import FinishedTranscript
from earshot.understanding.features.sentiment import NOTICE, SentimentFeature
from tests.understanding.saying import say

OPTIONS = UnderstandingOptions(sentiment=True)


class ChanceEncoder:
    """States left to chance: of what a text says there is nothing in them."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        raise AssertionError(f"only tokens are asked for, not {len(texts)} vectors")

    def encode_tokens(self, texts: Sequence[str]) -> list[TokenStates]:
        self.read += texts
        rng = np.random.default_rng(1)
        drawn = [rng.normal(0, 0.1, (3, ENCODER_SIZE)).astype(np.float32) for _ in texts]
        return [TokenStates(states, states, (0,), (1,)) for states in drawn]


def test_it_is_asked_for_by_its_option_and_is_for_english() -> None:
    feature = SentimentFeature(None)
    assert feature.is_asked_for(OPTIONS)
    assert not feature.is_asked_for(UnderstandingOptions())
    assert feature.is_english_only


def test_every_sentence_has_its_sentiment_with_its_place_and_speaker() -> None:
    words = tuple(
        replace(word, speaker="A" if word.start_ms < 900 else "B", channel=1)
        for word in say("I love it. This is terrible!")
    )
    encoder = ChanceEncoder()
    findings = SentimentFeature(encoder).find(FinishedTranscript(words, "en_us"), OPTIONS)
    first, second = findings.sentiments or ()
    assert (first.text, first.start_ms, first.end_ms, first.speaker) == ("I love it.", 0, 900, "A")
    assert (second.text, second.start_ms, second.end_ms) == ("This is terrible!", 900, 1800)
    assert (second.speaker, second.channel) == ("B", 1)
    assert all(1 / 3 <= one.confidence <= 1 for one in (first, second))
    assert encoder.read == ["I love it.", "This is terrible!"]
    assert [(m.name, m.notice) for m in findings.methods] == [("encoder", None)]


@pytest.mark.parametrize(
    ("said", "feeling"),
    [
        ("Thank you so much, this is wonderful!", "POSITIVE"),
        ("This is terrible, I am so disappointed.", "NEGATIVE"),
        ("The meeting starts at nine.", "NEUTRAL"),
        ("thank you so much this is wonderful", "POSITIVE"),
        ("this is terrible i am so disappointed", "NEGATIVE"),
        ("it was not good at all", "NEGATIVE"),
        ("well okay so the meeting starts at nine", "NEUTRAL"),
    ],
)
def test_without_the_encoder_words_alone_tell_and_the_caller_is_told(
    said: str, feeling: str
) -> None:
    findings = SentimentFeature(None).find(FinishedTranscript(say(said), "en_us"), OPTIONS)
    assert [one.feeling for one in findings.sentiments or ()] == [feeling]
    assert [(m.name, m.notice) for m in findings.methods] == [("words", NOTICE)]
    assert findings.warnings == (NOTICE,)


def test_nothing_was_said_and_nothing_is_felt() -> None:
    for encoder in (None, ChanceEncoder()):
        findings = SentimentFeature(encoder).find(FinishedTranscript((), "en_us"), OPTIONS)
        assert findings.sentiments == ()
