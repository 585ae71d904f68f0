"""What words sound like, coarsely: enough to see that "narsman" may have been "Norsemen"."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

# Bits of the words that the edit distance is computed in; longer keys are cut.
MAX_KEY_LENGTH = 60

Bits = npt.NDArray[np.uint64]
Indices = npt.NDArray[np.intp]

_DIGITS = ("zero", "won", "two", "three", "for", "five", "six", "seven", "ate", "nine")
# English spelling to sound, applied in this order to a lower-case word. All vowels are one, since
# they are what a recognizer mishears first; so are voiced and voiceless consonants.
_RULES = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"[^a-z]", ""),
        (r"^[kgp]n", "n"),
        (r"^wr", "r"),
        (r"^ps", "s"),
        (r"^x", "s"),
        (r"mb$", "m"),
        (r"igh", "i"),
        (r"ough|augh", "o"),
        (r"gh", "k"),
        (r"sch", "sk"),
        (r"tch|ch|sh", "S"),
        (r"[ts]io(?=n)", "Sa"),
        (r"[cst]ia", "Sa"),
        (r"c(?=[eiy])", "s"),
        (r"dge?|j|g(?=[ei])", "S"),
        (r"ph", "f"),
        (r"th", "t"),
        (r"ck|[cqk]", "k"),
        (r"x", "ks"),
        (r"e$", ""),
        (r"[aeiouy]+h?", "a"),
        (r"[aeiouy]+", "a"),
        (r"b", "p"),
        (r"d", "t"),
        (r"g", "k"),
        (r"z", "s"),
        (r"v", "f"),
        (r"(.)\1+", r"\1"),
    )
]
_SOUNDS = "aSptkfsmnlrwh"
_CODES = {sound: code for code, sound in enumerate(_SOUNDS)}


@lru_cache(maxsize=65_536)
def sound_key(word: str) -> str:
    """The sounds of one English word, a letter each; empty where no letter or digit is Latin."""
    spelled = fold_to_ascii(word).lower()
    for digit, name in enumerate(_DIGITS):
        spelled = spelled.replace(str(digit), name)
    for pattern, sound in _RULES:
        spelled = pattern.sub(sound, spelled)
    return spelled


def fold_to_ascii(text: str) -> str:
    """The text without accents, by Unicode's compatibility decomposition; the rest is dropped."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def encode_key(key: str) -> Indices:
    """The sounds as numbers, for `KeyTable.distances`."""
    return np.array([_CODES[sound] for sound in key], dtype=np.intp)


class KeyTable:
    """Keys of which many are compared with many stretches of one text at once.

    Source: Myers, A fast bit-vector algorithm for approximate string matching (JACM 46, 1999), in
    the form of Hyyrö (2003), for the distance between whole strings; one key per 64-bit number.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        cut = [key[:MAX_KEY_LENGTH] for key in keys]
        self.lengths = np.array([len(key) for key in cut], dtype=np.int64)
        # Bit i of entry (sound, key): the key has that sound in place i.  # (n_sounds, n_keys)
        self._places = np.zeros((len(_SOUNDS), len(cut)), dtype=np.uint64)
        for column, key in enumerate(cut):
            for place, sound in enumerate(key):
                self._places[_CODES[sound], column] |= np.uint64(1 << place)

    def distances(self, text: Indices, starts: Indices, columns: Indices, n_steps: int) -> Indices:
        """Edits between each key and the text from its start up to every end, (n_steps, n_pairs).

        Row `i` is for a stretch of `i + 1` sounds. Past the end of the text the figures say
        nothing.
        """
        one = np.uint64(1)
        last_bit = np.maximum(self.lengths[columns] - 1, 0).astype(np.uint64)
        plus = np.full(len(columns), np.iinfo(np.uint64).max, dtype=np.uint64)
        minus = np.zeros(len(columns), dtype=np.uint64)
        score = self.lengths[columns].copy()
        scores = np.empty((n_steps, len(columns)), dtype=np.intp)
        for step in range(n_steps):
            sounds = text[np.minimum(starts + step, len(text) - 1)]
            equal = self._places[sounds, columns]
            vertical = equal | minus
            horizontal = (((equal & plus) + plus) ^ plus) | equal
            up = minus | ~(horizontal | plus)
            down = plus & horizontal
            score += ((up >> last_bit) & one).astype(np.int64)
            score -= ((down >> last_bit) & one).astype(np.int64)
            scores[step] = score
            up = (up << one) | one
            down = down << one
            plus = down | ~(vertical | up)
            minus = up & vertical
        return scores
