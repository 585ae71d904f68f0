"""What a text encoder must do, and one that is loaded when somebody wants it."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock
from typing import Protocol

import numpy as np
import numpy.typing as npt

ENCODER_SIZE = 384  # numbers of a vector
# Of 6 MB in all: the sentences of some eight hours.
MAX_REMEMBERED = 4096
_DIGEST_BYTES = 16
_TEXTS_AT_ONCE = (
    256  # whose tokens' states are in memory while only vectors are wanted: about 30 MB
)

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class TokenStates:
    """What the encoder makes of each token of a text, in order; a word is one token or several.

    `states` are those of the last layer, which say more of what the text means; `middle` are those
    of the one in the middle, which say more of the word.
    `starts` and `ends` are offsets of characters in the text, half-open. Marks are tokens too.
    """

    states: Vectors  # (n_tokens, ENCODER_SIZE)
    middle: Vectors  # likewise
    starts: tuple[int, ...]
    ends: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ReadText:
    """A text as the encoder reads it: its tokens, and the unit vector of the whole."""

    tokens: TokenStates
    vector: Vectors  # (ENCODER_SIZE,)


class TextEncoder(Protocol):
    """Turns English texts into numbers that are near where the meanings are; for all threads."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """A unit vector for each text, (n_texts, ENCODER_SIZE): mean-pooled over its tokens."""

    def encode_tokens(self, texts: Sequence[str]) -> list[TokenStates]:
        """The states of each text's tokens, of however long a text; special tokens are left out."""


class TextReader(Protocol):
    """The engine of an encoder; shared between threads."""

    def read(self, texts: Sequence[str]) -> list[ReadText]: ...


class EncoderOnDemand:
    """Loads its engine once, for all threads; where that fails, the next caller tries again.

    It remembers the vectors of what it read last, by a digest and not by the words: several
    features want them of the same sentences.
    """

    def __init__(self, load: Callable[[], TextReader]) -> None:
        self._load = load
        self._loaded: TextReader | None = None
        self._lock = Lock()
        self._vectors: OrderedDict[bytes, Vectors] = OrderedDict()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As `TextEncoder`; raises what loading the engine raises."""
        digests = [_digest(text) for text in texts]
        with self._lock:
            known = {one: self._vectors[one] for one in digests if one in self._vectors}
        unknown = {one: text for one, text in zip(digests, texts, strict=True) if one not in known}
        for start in range(0, len(unknown), _TEXTS_AT_ONCE):
            part = dict(list(unknown.items())[start : start + _TEXTS_AT_ONCE])
            for one, read in zip(part, self._read(list(part.values())), strict=True):
                known[one] = read.vector
        vectors = np.zeros((len(texts), ENCODER_SIZE), dtype=np.float32)
        for row, one in enumerate(digests):
            vectors[row] = known[one]
        return vectors

    def encode_tokens(self, texts: Sequence[str]) -> list[TokenStates]:
        """As `TextEncoder`; raises what loading the engine raises."""
        return [read.tokens for read in self._read(texts)]

    def _read(self, texts: Sequence[str]) -> list[ReadText]:
        if not texts:
            return []
        found = self._engine().read(texts)
        with self._lock:
            for text, read in zip(texts, found, strict=True):
                self._vectors[_digest(text)] = read.vector
            while len(self._vectors) > MAX_REMEMBERED:
                self._vectors.popitem(last=False)
        return found

    def _engine(self) -> TextReader:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=_DIGEST_BYTES).digest()
