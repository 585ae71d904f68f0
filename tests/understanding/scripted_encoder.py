"""A text encoder without a model: each word is a direction of its own."""

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from earshot.understanding.encoder import ENCODER_SIZE, TokenStates, Vectors


class WordEncoder:
    """Texts are near one another as far as they share words."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        found = np.zeros((len(texts), ENCODER_SIZE), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split() or [""]:
                found[row] += _direction(word)
            found[row] /= np.linalg.norm(found[row])
        return found

    def encode_tokens(self, texts: Sequence[str]) -> list[TokenStates]:
        raise NotImplementedError


def _direction(word: str) -> Vectors:
    chance = np.random.default_rng(crc32(word.encode()))
    return chance.normal(size=ENCODER_SIZE).astype(np.float32)
