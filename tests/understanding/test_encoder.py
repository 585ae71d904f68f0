from collections.abc import Sequence

import numpy as np
import pytest

from earshot.understanding.encoder import (
    ENCODER_SIZE,
    MAX_REMEMBERED,
    EncoderOnDemand,
    ReadText,
    TokenStates,
)


class CountingReader:
    """Gives each text a vector by its length, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.most_at_once = 0

    def read(self, texts: Sequence[str]) -> list[ReadText]:
        self.asked += texts
        self.most_at_once = max(self.most_at_once, len(texts))
        return [read_text(text) for text in texts]


def read_text(text: str) -> ReadText:
    states = np.full((1, ENCODER_SIZE), len(text), dtype=np.float32)
    return ReadText(TokenStates(states, states, (0,), (len(text),)), states[0])


def test_the_engine_is_loaded_at_the_first_use_and_once() -> None:
    loaded: list[CountingReader] = []

    def load() -> CountingReader:
        loaded.append(CountingReader())
        return loaded[-1]

    encoder = EncoderOnDemand(load)
    assert encoder.encode([]).shape == (0, ENCODER_SIZE)
    assert not loaded
    encoder.encode(["a"])
    encoder.encode_tokens(["b"])
    assert len(loaded) == 1


def test_an_engine_that_could_not_be_loaded_is_loaded_for_the_next_caller() -> None:
    attempts = iter([OSError("no room"), None])

    def load() -> CountingReader:
        failure = next(attempts)
        if failure is not None:
            raise failure
        return CountingReader()

    encoder = EncoderOnDemand(load)
    with pytest.raises(OSError, match="no room"):
        encoder.encode(["a"])
    assert encoder.encode(["a"]).shape == (1, ENCODER_SIZE)


def test_vectors_come_in_the_order_of_the_texts_and_each_text_is_read_once() -> None:
    reader = CountingReader()
    encoder = EncoderOnDemand(lambda: reader)
    assert list(encoder.encode(["aaa", "b", "aaa", "cc"])[:, 0]) == [3, 1, 3, 2]
    assert list(encoder.encode(["cc", "dddd", "b"])[:, 0]) == [2, 4, 1]
    assert reader.asked == ["aaa", "b", "cc", "dddd"]


def test_what_was_read_for_its_tokens_need_not_be_read_again() -> None:
    reader = CountingReader()
    encoder = EncoderOnDemand(lambda: reader)
    (tokens,) = encoder.encode_tokens(["text"])
    assert tokens.ends == (4,)
    encoder.encode(["text"])
    assert reader.asked == ["text"]


def test_no_more_is_in_memory_at_once_than_may_be() -> None:
    reader = CountingReader()
    encoder = EncoderOnDemand(lambda: reader)
    texts = [str(n) for n in range(MAX_REMEMBERED + 10)]
    assert len(encoder.encode(texts)) == len(texts)
    assert reader.most_at_once <= 256
    reader.asked.clear()
    encoder.encode(texts[-10:])
    assert not reader.asked
    encoder.encode(texts[:1])
    assert reader.asked == texts[:1]
