"""Which subjects a text is about by its words alone: those that talk of a subject has.

What stands in where there is no text encoder.
"""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from earshot.understanding.encoder import Vectors
from earshot.understanding.stems import content_stems


class SubjectWords:
    """The words of some subjects, rare ones weighing more; shared between threads."""

    def __init__(self, texts: Sequence[str]) -> None:
        """`texts` are one for each subject: words that talk of it has."""
        bags = [Counter(content_stems(_spaced(text))) for text in texts]
        spread = Counter(stem for bag in bags for stem in bag)
        self._n_subjects = len(bags)
        self._rarity = {stem: math.log(1 + len(bags) / n) for stem, n in spread.items()}
        self._weights: dict[str, list[tuple[int, float]]] = {}
        for subject, bag in enumerate(bags):
            raw = {stem: (1 + math.log(n)) * self._rarity[stem] for stem, n in bag.items()}
            norm = math.sqrt(sum(weight**2 for weight in raw.values()))
            for stem, weight in raw.items():
                self._weights.setdefault(stem, []).append((subject, weight / norm))

    def likenesses(self, texts: Sequence[str]) -> Vectors:
        """How like each text's words are to each subject's, 0 to 1, (n_texts, n_subjects).

        The cosine of their weighted counts; words that no subject has count like the rarest.
        """
        found = np.zeros((len(texts), self._n_subjects), dtype=np.float32)
        rarest = math.log(1 + self._n_subjects)
        for row, text in enumerate(texts):
            bag = Counter(content_stems(_spaced(text)))
            raw = {
                stem: (1 + math.log(n)) * self._rarity.get(stem, rarest) for stem, n in bag.items()
            }
            norm = math.sqrt(sum(weight**2 for weight in raw.values()))
            for stem, weight in raw.items():
                for subject, of_subject in self._weights.get(stem, ()):
                    found[row, subject] += weight / norm * of_subject
        return found


def share_of_words(texts: Sequence[str], names: Sequence[str]) -> Vectors:
    """Which share of each name's words each text has, (n_texts, n_names)."""
    wanted = [frozenset(content_stems(_spaced(name))) for name in names]
    found = np.zeros((len(texts), len(names)), dtype=np.float32)
    for row, text in enumerate(texts):
        stems = frozenset(content_stems(_spaced(text)))
        found[row] = [len(one & stems) / len(one) if one else 0.0 for one in wanted]
    return found


def _spaced(text: str) -> str:
    return text.replace("/", " ").replace("-", " ")
