"""The sentences that stand for all that was said, taken out of it and tidied for reading."""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from earshot.transcript.punctuation import CLOSERS, PHRASE_MARKS, SENTENCE_MARKS
from earshot.transcript.sentences import Sentence
from earshot.understanding.key_phrases import find_key_phrases
from earshot.understanding.stems import content_stems, plain
from earshot.understanding.stop_words import ASIDES, DANGLING, FILLERS, OPENINGS

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Merits = npt.NDArray[np.float64]

DAMPING = 0.15  # of LexRank (doi:10.1613/jair.1523)
N_ROUNDS = 30
# Settings fitted on even rows of `benchmarks.understanding`.
LEAD_WEIGHT = 1.0
LEAD_SENTENCES = 5.0
FULL_STEMS = 8  # from here on a longer sentence says no more for being longer
EASY_WORDS = 30  # what is longer is read with effort
BROKEN_WEIGHT = 0.5
SAMENESS_WEIGHT = 0.7
MAX_HEADLINE_WORDS = 22
MAX_GIST_WORDS = 6


def rank_sentences(texts: Sequence[str]) -> Merits:
    """How well each sentence stands for all of them, shape (n_texts,); 0 where it says nothing.

    LexRank over cosines of tf-idf, in favour of what comes first, against the very short and the
    very long ones.
    """
    stems = [content_stems(text) for text in texts]
    vectors = _vectors(stems)
    centrality = _centrality(vectors)
    order = np.arange(len(texts))
    lead = 1 + LEAD_WEIGHT * np.exp(-order / LEAD_SENTENCES)
    says = np.array([min(len(set(one)), FULL_STEMS) / FULL_STEMS for one in stems])
    reads = np.array([min(1.0, EASY_WORDS / max(1, len(text.split()))) for text in texts])
    whole = np.array([1.0 if _is_whole(text) else BROKEN_WEIGHT for text in texts])
    merits: Merits = centrality * lead * says * reads * whole
    return merits


def pick_sentences(texts: Sequence[str], n_wanted: int) -> list[int]:
    """The indexes of the best sentences in their order, of which none repeats another."""
    merits = rank_sentences(texts)
    vectors = _vectors([content_stems(text) for text in texts])
    likeness = np.zeros(len(texts))
    chosen: list[int] = []
    for _ in range(min(n_wanted, len(texts))):
        worth = merits * (1 - SAMENESS_WEIGHT * likeness)
        worth[chosen] = -1.0
        best = int(worth.argmax())
        if worth[best] <= 0 and chosen:
            break
        chosen.append(best)
        likeness = np.maximum(likeness, (vectors @ vectors[[best]].T).toarray().ravel())
    return sorted(chosen)


def extract(sentences: Sequence[Sentence], n_wanted: int) -> list[str]:
    """The best sentences, tidied, in the order in which they were said."""
    texts = [sentence.text for sentence in sentences]
    tidied = (tidy(texts[index]) for index in pick_sentences(texts, n_wanted))
    return [text for text in tidied if text]


def headline_of(sentences: Sequence[Sentence]) -> str:
    """The one sentence that says most, cut at a mark where it is long; empty for no sentence."""
    texts = [sentence.text for sentence in sentences]
    merits = rank_sentences(texts)
    fits = np.array([min(1.0, MAX_HEADLINE_WORDS / max(1, len(text.split()))) for text in texts])
    words = tidy(texts[int((merits * fits).argmax())]).split() if texts else []
    if len(words) <= MAX_HEADLINE_WORDS:
        return " ".join(words)
    half = MAX_HEADLINE_WORDS // 2
    cuts = [n for n in range(half, MAX_HEADLINE_WORDS) if words[n - 1].endswith(PHRASE_MARKS)]
    n_kept = cuts[-1] if cuts else MAX_HEADLINE_WORDS
    return " ".join(words[:n_kept]).rstrip("".join(PHRASE_MARKS)) + "."


def gist_of(sentences: Sequence[Sentence]) -> str:
    """A few words: the best key phrases; where there are none, the first words."""
    words: list[str] = []
    for phrase in find_key_phrases(sentences, 3):
        more = [*(["and"] if words else []), *phrase.text.split()]
        if len(words) + len(more) <= MAX_GIST_WORDS and "and" not in words:
            words += more
    if not words and sentences:
        words = tidy(sentences[0].text).rstrip("".join(SENTENCE_MARKS)).split()[:MAX_GIST_WORDS]
    return _capitalised(" ".join(words))


def tidy(text: str) -> str:
    """The sentence as it reads alone: without fillers, what it joins on, and words said twice."""
    words = text.split()
    while len(words) > 1 and plain(words[0]) in OPENINGS:
        words = words[1:]
    kept = words[:1]
    for before, word in pairwise(words):
        repeats = plain(before) == plain(word) and before[-1:].isalnum()
        is_aside = plain(word) in ASIDES and before.endswith(",")
        if plain(word) not in FILLERS and not repeats and not is_aside:
            kept.append(word)
    tidied = " ".join(kept).rstrip("".join(PHRASE_MARKS) + " ")
    is_marked = tidied.rstrip(CLOSERS).endswith(SENTENCE_MARKS)
    return _capitalised(tidied if is_marked or not tidied else f"{tidied}.")


def _is_whole(text: str) -> bool:
    """Whether the speaker got to the end of the sentence."""
    words = text.split()
    return bool(words) and words[-1].endswith(SENTENCE_MARKS) and plain(words[-1]) not in DANGLING


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _vectors(stems: Sequence[Sequence[str]]) -> "csr_array":
    """Unit vectors of tf-idf, shape (n_texts, n_stems); zeros where there is no stem."""
    from scipy.sparse import csr_array  # here, for it takes long to import

    columns = {one: index for index, one in enumerate(dict.fromkeys(s for t in stems for s in t))}
    n_with = Counter(one for text in stems for one in set(text))
    rows, places, values = [], [], []
    for row, text in enumerate(stems):
        weights = {
            one: count * math.log1p(len(stems) / n_with[one])
            for one, count in Counter(text).items()
        }
        norm = math.hypot(*weights.values()) if weights else 1.0
        for one, weight in weights.items():
            rows.append(row)
            places.append(columns[one])
            values.append(weight / norm)
    shape = (len(stems), max(1, len(columns)))
    return csr_array((values, (rows, places)), shape=shape, dtype=np.float64)


def _centrality(vectors: "csr_array") -> Merits:
    """LexRank without thresholds; the matrix of likenesses is not made: it may have 10^8 cells."""
    n_texts = vectors.shape[0]
    if n_texts == 0:
        return np.zeros(0)
    degrees = np.maximum(vectors @ (vectors.T @ np.ones(n_texts)), 1e-12)
    ranks = np.full(n_texts, 1 / n_texts)
    for _ in range(N_ROUNDS):
        ranks = DAMPING / n_texts + (1 - DAMPING) * (vectors @ (vectors.T @ (ranks / degrees)))
    merits: Merits = ranks * n_texts
    return merits
