"""What words alone tell of sensitive content, swear words above all."""

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np

from earshot.understanding.encoder import Vectors
from earshot.understanding.safety_labels import KINDS, LABELS
from earshot.understanding.stems import plain, stem
from earshot.understanding.swear_words import SWEAR_WORDS, SwearWord

_LONGEST = max(len(text.split()) for text in SWEAR_WORDS)
_MASK = "**"  # of a word of which the first letter is left
MASKED_SEVERITY = 0.5
# Of one word, and of more: half of the doubt each.
DOUBT_OF_ONE_WORD = 0.4
SURE = 0.95
SLUR = 0.75  # how likely a slur is to be meant as one


def swear_words_of(text: str) -> list[SwearWord]:
    """Those in the text, in order; masked ones too, as far as that can be told."""
    words = text.split()
    runs = _runs([plain(word) for word in words])
    found = [SWEAR_WORDS[run] for run in runs if run in SWEAR_WORDS]
    masked = [word for word in words if _MASK in word and word[:1].isalpha()]
    return [*found, *(SwearWord(word, is_slur=False, severity=MASKED_SEVERITY) for word in masked)]


def confidences_by_words(texts: Sequence[str]) -> Vectors:
    """How likely each text has content of each of LABELS, by its words: (n_texts, n_labels)."""
    found = np.zeros((len(texts), len(LABELS)), dtype=np.float32)
    for row, text in enumerate(texts):
        stems = {stem(plain(word)) for word in text.split()}
        for column, telling in enumerate(_telling_stems()):
            n_words = len(stems & telling)
            found[row, column] = 1 - DOUBT_OF_ONE_WORD**n_words if n_words else 0.0
    return found


def add_swear_words(confidences: Vectors, texts: Sequence[str]) -> Vectors:
    """The confidences, raised to what the swear words in each of the texts say."""
    profanity, hate = LABELS.index("profanity"), LABELS.index("hate_speech")
    found = confidences.copy()
    for row, text in enumerate(texts):
        swearing = swear_words_of(text)
        if swearing:
            found[row, profanity] = max(found[row, profanity], SURE)
        if any(one.is_slur for one in swearing):
            found[row, hate] = max(found[row, hate], SLUR)
    return found


def gravity_of_swearing(gravity: Vectors, texts: Sequence[str]) -> Vectors:
    """The same, where profanity is as grave as the gravest swear word of the text."""
    profanity, hate = LABELS.index("profanity"), LABELS.index("hate_speech")
    found = gravity.copy()
    for row, text in enumerate(texts):
        swearing = swear_words_of(text)
        if swearing:
            found[row, profanity] = max(one.severity for one in swearing)
        if any(one.is_slur for one in swearing):
            found[row, hate] = max(found[row, hate], SLUR)
    return found


def _runs(words: Sequence[str]) -> Iterator[str]:
    """Every run of a few words."""
    for start in range(len(words)):
        for length in range(1, _LONGEST + 1):
            if start + length <= len(words):
                yield " ".join(words[start : start + length])


@cache
def _telling_stems() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(stem(word) for word in kind.words) for kind in KINDS)
