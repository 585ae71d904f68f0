"""Words -> names of people, places, organisations and what else no form tells."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from earshot.transcript.punctuation import CLOSERS, SENTENCE_MARKS
from earshot.transcript.words import Word
from earshot.understanding.encoder import TextEncoder, TokenStates
from earshot.understanding.entities.candidates import Tagged
from earshot.understanding.entities.closed_classes import read_lexicon
from earshot.understanding.entities.tagger_head import (
    N_LABELS,
    OUTSIDE,
    STATE_SIZE,
    TAGGED_TYPES,
    Floats,
    TaggerHead,
    load_head,
)
from earshot.understanding.entities.word_features import describe_words, find_listed, key_of
from earshot.understanding.stop_words import STOP_WORDS

# Words that are read together: sentences, or parts of what has no marks.
_LONGEST_STRETCH = 48
_OVERLAP = 8  # words at either end of a part that are read for the others' sake
_AT_ONCE = 128  # stretches whose tokens' states are in memory: about 30 MB
_LISTS_OF_TYPES = {
    "drugs.txt": "drug",
    "conditions.txt": "medical_condition",
    "procedures.txt": "medical_process",
    "injuries.txt": "injury",
}
# Of these lists what means something else as often.
_AMBIGUOUS_LISTED = """
    abrasion aids addiction als burn burns cpr echo ecstasy edema fever fracture lithium rehab
    radiation rash speed stitches sprain tumor ultrasound ventilation vaccine transplant therapy
    nausea obesity
    """
_AMBIGUOUS = frozenset(_AMBIGUOUS_LISTED.split())
# Added to the logarithm of the probability of being none before anything is named: capitals that
# name nobody are many. Chosen on the even calls of `benchmarks/names.py`.
_CAUTION = 1.0
# For redaction a label is believed at this probability of being none, as logarithm: a name that
# stays readable is worse than a word that is hidden for nothing.
_DOUBT = 3.5
# A name is hidden as one of another type, too, that is so probable for a word of it.
_RIVAL = 0.1


class TrainedTagger:
    """Finds the open classes; shared between threads. Without an encoder it finds fewer."""

    def __init__(self, encoder: TextEncoder | None, head: TaggerHead | None = None) -> None:
        self._encoder = encoder
        self._given_head = head

    def tag(self, words: Sequence[Word]) -> list[Tagged]:
        """What the words most likely name, and then, unsure, what they may well name besides."""
        texts = [word.text for word in words]
        scores = self.score(texts)
        outside = scores[:, OUTSIDE].copy()
        listed = list(_listed(texts))
        scores[:, OUTSIDE] += _CAUTION
        sure = list(_decode(scores))
        sure = _with_listed(sure, [one for one in listed if one.probability == 1])
        scores[:, OUTSIDE] -= _CAUTION + _DOUBT
        decoded = list(_decode(scores))
        doubted = [*decoded, *_rivals(decoded, scores), *listed]
        return [
            *_tagged(_settle(_spread(sure, texts, outside), texts), is_sure=True),
            *_tagged(_spread(doubted, texts, outside), is_sure=False),
        ]

    def score(self, texts: Sequence[str]) -> Floats:
        """The logarithm of each label's probability for each word, (n_words, N_LABELS)."""
        scores = np.zeros((len(texts), N_LABELS), dtype=np.float32)
        stretches = list(_stretches(texts))
        for start in range(0, len(stretches), _AT_ONCE):
            batch = stretches[start : start + _AT_ONCE]
            described = [describe_words(texts[one.low : one.high]) for one in batch]
            head = self._given_head or load_head()
            scored = head.score_all(self._read(texts, batch), described)
            for stretch, found in zip(batch, scored, strict=True):
                kept = slice(stretch.start - stretch.low, stretch.end - stretch.low)
                scores[stretch.start : stretch.end] = found[kept]
        return scores

    def _read(self, texts: Sequence[str], stretches: Sequence["_Stretch"]) -> list[Floats] | None:
        if self._encoder is None:
            return None
        inside = [texts[stretch.low : stretch.high] for stretch in stretches]
        read = self._encoder.encode_tokens([" ".join(part) for part in inside])
        return [states_of_words(part, tokens) for part, tokens in zip(inside, read, strict=True)]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Words `start` to before `end`, read together with those from `low` to before `high`."""

    start: int
    end: int
    low: int
    high: int


def _stretches(texts: Sequence[str]) -> Iterator[_Stretch]:
    """Sentences, of which long ones come in parts, and short ones together."""
    start = 0
    last_end = 0  # of a sentence in this stretch
    for index, text in enumerate(texts):
        if text.rstrip(CLOSERS).endswith(SENTENCE_MARKS):
            last_end = index + 1
        if index + 1 - start == _LONGEST_STRETCH:
            is_whole = last_end > start
            end = last_end if is_whole else index + 1 - _OVERLAP
            yield _stretch(start, end, end if is_whole else index + 1)
            start = end
    if start < len(texts):
        yield _stretch(start, len(texts), len(texts))


def _stretch(start: int, end: int, high: int) -> _Stretch:
    return _Stretch(start, end, max(0, start - _OVERLAP), high)


def states_of_words(texts: Sequence[str], tokens: TokenStates) -> Floats:
    """The mean state of each word's tokens, (n_words, STATE_SIZE), of words joined by blanks."""
    sums = np.zeros((len(texts), STATE_SIZE), dtype=np.float32)
    ends = np.cumsum([len(text) + 1 for text in texts])
    owners = np.searchsorted(ends, np.asarray(tokens.starts, dtype=np.int64), side="right")
    owners = np.minimum(owners, len(texts) - 1)
    np.add.at(sums, owners, np.concatenate([tokens.states, tokens.middle], axis=1))
    counts = np.bincount(owners, minlength=len(texts)).astype(np.float32)
    sums /= np.maximum(counts, 1)[:, None]
    return sums


@dataclass(frozen=True, slots=True)
class _Named:
    """Words `first` to before `end` that are of a type, by the head's judgement."""

    entity_type: str
    first: int
    end: int
    probability: float


def _tagged(found: Sequence[_Named], *, is_sure: bool) -> Iterator[Tagged]:
    for one in found:
        yield Tagged(one.entity_type, one.first, one.end, is_sure)


def _listed(texts: Sequence[str]) -> Iterator[_Named]:
    """What medical lists have, whatever the head makes of it; half certain where it is a word."""
    for entity_type, first, end in find_listed(texts, _LISTS_OF_TYPES):
        key = " ".join(key_of(text) for text in texts[first:end])
        yield _Named(entity_type, first, end, 0.5 if key in _AMBIGUOUS else 1.0)


def _with_listed(found: list[_Named], listed: Sequence[_Named]) -> list[_Named]:
    """What was found, and what lists have where nothing was found."""
    taken = {index for one in found for index in range(one.first, one.end)}
    free = [one for one in listed if taken.isdisjoint(range(one.first, one.end))]
    return sorted([*found, *free], key=lambda one: one.first)


def _decode(scores: Floats) -> Iterator[_Named]:
    """The likeliest sequence of labels in which none goes on without its beginning, as spans."""
    labels = _best_labels(scores)
    index = 0
    while index < len(labels):
        if labels[index] == OUTSIDE:
            index += 1
            continue
        number = (labels[index] - 1) // 2
        end = index + 1
        while end < len(labels) and labels[end] == 2 * number + 2:
            end += 1
        inside = scores[range(index, end), labels[index:end]]
        yield _Named(TAGGED_TYPES[number], index, end, float(np.exp(inside.mean())))
        index = end


def _rivals(found: Sequence[_Named], scores: Floats) -> Iterator[_Named]:
    """Names as what else they may well be: a house may be a place, and a firm."""
    for one in found:
        if one.entity_type not in _SPREAD_TYPES:
            continue
        odds = np.exp(scores[one.first : one.end])
        for number, entity_type in enumerate(TAGGED_TYPES):
            likeliest = float(odds[:, [2 * number + 1, 2 * number + 2]].sum(axis=1).max())
            if entity_type in _SPREAD_TYPES - {one.entity_type} and likeliest > _RIVAL:
                yield _Named(entity_type, one.first, one.end, likeliest)


def _best_labels(scores: Floats) -> list[int]:
    """Viterbi: the label inside a type follows its first label or itself."""
    n_words = len(scores)
    if not n_words:
        return []
    forbidden = np.zeros((N_LABELS, N_LABELS), dtype=np.float32)
    for label in range(2, N_LABELS, 2):
        forbidden[:, label] = -np.inf
        forbidden[[label - 1, label], label] = 0
    best = scores[0].copy()
    best[2::2] = -np.inf
    back = np.zeros((n_words, N_LABELS), dtype=np.int64)
    for index in range(1, n_words):
        ways = best[:, None] + forbidden
        back[index] = ways.argmax(axis=0)
        best = ways.max(axis=0) + scores[index]
    labels = [int(best.argmax())]
    for index in range(n_words - 1, 0, -1):
        labels.append(int(back[index, labels[-1]]))
    return labels[::-1]


# A name that was surely one is one wherever it is said; so is its type.
_SURE = 0.8
_SPREAD_TYPES = frozenset({"person_name", "organization", "location"})
_SHORTEST_NAME = 3  # letters
_AT_MOST_OUTSIDE = float(np.log(0.97))


def _spread(found: list[_Named], texts: Sequence[str], outside: Floats) -> list[_Named]:
    """What was found, and the same words elsewhere where they are not surely something else.

    `outside` has the logarithm of the probability that a word is of no type, (n_words,).
    """
    keys = [key_of(text) for text in texts]
    votes: dict[str, Counter[str]] = {}
    for one in found:
        if one.probability > _SURE and one.entity_type in _SPREAD_TYPES:
            for key in keys[one.first : one.end]:
                if len(key) >= _SHORTEST_NAME and key not in STOP_WORDS:
                    votes.setdefault(key, Counter())[one.entity_type] += 1
    taken = {index for one in found for index in range(one.first, one.end)}
    added = [
        _Named(votes[key].most_common(1)[0][0], index, index + 1, 0.5)
        for index, key in enumerate(keys)
        if index not in taken and key in votes and outside[index] < _AT_MOST_OUTSIDE
    ]
    return sorted([*found, *added], key=lambda one: one.first)


def _settle(found: list[_Named], texts: Sequence[str]) -> list[_Named]:
    """Each name under one type: the one of a list of places, else the likeliest of all times."""
    phrases = [" ".join(key_of(text) for text in texts[one.first : one.end]) for one in found]
    votes: dict[str, Counter[str]] = {}
    for phrase, one in zip(phrases, found, strict=True):
        if one.entity_type in _SPREAD_TYPES:
            weight = round(100 * one.probability)
            votes.setdefault(phrase, Counter())[one.entity_type] += weight
    for phrase in votes.keys() & _places():
        votes[phrase] = Counter({"location": 1})
    return [
        replace(one, entity_type=votes[phrase].most_common(1)[0][0])
        if one.entity_type in _SPREAD_TYPES
        else one
        for phrase, one in zip(phrases, found, strict=True)
    ]


@cache
def _places() -> frozenset[str]:
    return frozenset(read_lexicon("places.txt"))
