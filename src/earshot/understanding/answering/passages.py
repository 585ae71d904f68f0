"""Where in the sources something is spoken of: stretches that share words with what is asked."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from earshot.transcript.sentences import Sentence
from earshot.understanding.answering.task import Citation, Source
from earshot.understanding.stems import content_stems, stem

# Of BM25, as it is commonly set.
SATURATION = 1.2
LENGTH_WEIGHT = 0.75
# What is said around a sentence counts, too, the less the farther away.
AROUND = (0.5, 0.4, 0.3, 0.2, 0.1)
_AND_AROUND = np.array([*reversed(AROUND), 1.0, *AROUND])
_NOWHERE = (-1, -1)  # between the sentences of two sources
_DECIMALS = 9  # of a merit; behind them is rounding
# A sentence with fewer says little: "The decision?"
FULL_STEMS = 4
MIN_SHARE_OF_BEST = 0.5
# Sentences to either side that are read along with one, before the next is; and if there is room.
NEAR = 2
FAR = 20
# Words of those who ask, which say nothing of what they ask about.
_ASKING = """
answer attitude conversation describe discuss discussion explain idea list mention mentioned opinion
question reason speaker summarise summarize summary topic transcript
"""
ASKING_STEMS = frozenset(map(stem, _ASKING.split()))


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive sentences of one source; `place` is the number of the source, from 0."""

    sentences: tuple[Sentence, ...] = field(repr=False)
    source: Source
    place: int
    first: int
    merit: float

    @property
    def text(self) -> str:
        return " ".join(one.text for one in self.sentences)

    @property
    def start_ms(self) -> int:
        return self.sentences[0].start_ms

    def citation(self, question: int | None = None) -> Citation:
        end_ms = max(one.end_ms for one in self.sentences)
        where = self.source.transcript_id
        return Citation(self.text, self.start_ms, end_ms, where, question)


class Passages:
    """The passages of some sources, to be found again and again; their words are counted once."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = tuple(sources)
        places: list[tuple[int, int]] = []
        lengths: list[int] = []
        with_stem: dict[str, list[tuple[int, int]]] = {}
        for place, source in enumerate(sources):
            for at, sentence in enumerate(source.sentences):
                stems = content_stems(sentence.text)
                for form, count in Counter(stems).items():
                    with_stem.setdefault(form, []).append((len(places), count))
                places.append((place, at))
                lengths.append(len(stems))
            # So far apart that none is around a sentence of another source.
            places += [_NOWHERE] * len(AROUND)
            lengths += [0] * len(AROUND)
        self._places = places
        self._lengths = np.array(lengths, dtype=np.float64)
        self._with_stem = {form: np.array(found) for form, found in with_stem.items()}
        self._n_sentences = sum(len(source.sentences) for source in sources)
        self._mean_length = max(1.0, self._lengths.sum() / max(1, self._n_sentences))

    def find(self, wording: str, n_wanted: int) -> list[Passage]:
        """The best passages, in the order of the sources; none where no word is shared.

        Grammar and forms of words do not count. Sentences that follow one another are one passage,
        and a question takes the sentence behind it along.
        """
        ranked = self._ranked(wording, n_wanted)
        kept = [one for one in ranked if one[0] >= MIN_SHARE_OF_BEST * ranked[0][0]]
        return _joined(self._sources, _with_replies(self._sources, kept))

    def fill(self, wording: str, max_chars: int) -> list[Passage]:
        """As many that share words as fit, the best first to be taken, in order.

        Each comes with what is said around it, for an answer is not put in the words of its
        question; the farther around, the fewer they are.
        """
        ranked = self._ranked(wording, self._n_sentences)
        kept: dict[tuple[int, int], _Scored] = {}
        n_chars = 0
        for one, distance in _with_neighbours(ranked):
            merit, place, middle = one
            sentences, at = self._sources[place].sentences, middle + distance
            is_alone = distance and (place, middle) not in kept
            if is_alone or (place, at) in kept or not 0 <= at < len(sentences):
                continue
            n_own = len(sentences[at].text) + 1
            if n_own > max_chars:
                continue
            n_chars += n_own
            if n_chars > max_chars:
                break
            kept[place, at] = (merit, place, at)
        return _joined(self._sources, list(kept.values()))

    def _ranked(self, wording: str, n_wanted: int) -> "list[_Scored]":
        """The best of the sentences that share words with it, equal ones in their order."""
        asked = set(content_stems(wording))
        own = np.zeros(len(self._places))
        damping = SATURATION * (
            1 - LENGTH_WEIGHT + LENGTH_WEIGHT * self._lengths / self._mean_length
        )
        for one in sorted(asked - ASKING_STEMS or asked):
            if one in self._with_stem:
                at, counts = self._with_stem[one].T
                weight = math.log1p((self._n_sentences - len(at) + 0.5) / (len(at) + 0.5))
                own[at] += weight * counts * (SATURATION + 1) / (counts + damping[at])
        if not own.any():
            return []
        says = np.minimum(1.0, self._lengths / FULL_STEMS)
        merits = np.where(
            own > 0, says * np.convolve(own, _AND_AROUND)[len(AROUND) : -len(AROUND)], 0.0
        )
        best = np.argsort(-merits.round(_DECIMALS), kind="stable")[:n_wanted]
        return [(float(merits[at]), *self._places[at]) for at in best if own[at] > 0]


_Scored = tuple[float, int, int]  # merit, number of the source, number of the sentence in it


def _with_neighbours(ranked: "Sequence[_Scored]") -> "Iterator[tuple[_Scored, int]]":
    """Each sentence with how far from it to look: near it first, then of all, ring by ring."""
    for first, last in ((0, NEAR), *((ring, ring) for ring in range(NEAR + 1, FAR + 1))):
        for one in ranked:
            for distance in range(first, last + 1):
                yield one, distance
                if distance:
                    yield one, -distance


def _with_replies(sources: Sequence[Source], kept: Sequence[_Scored]) -> list[_Scored]:
    places = {one[1:] for one in kept}
    replies = [
        (merit, place, at + 1)
        for merit, place, at in kept
        if sources[place].sentences[at].text.endswith("?")
        and at + 1 < len(sources[place].sentences)
        and (place, at + 1) not in places
    ]
    return [*kept, *replies]


def _joined(sources: Sequence[Source], kept: Sequence[_Scored]) -> list[Passage]:
    passages: list[Passage] = []
    for merit, place, at in sorted(kept, key=lambda one: one[1:]):
        sentence = sources[place].sentences[at]
        last = passages[-1] if passages else None
        if last is not None and (last.place, last.first + len(last.sentences)) == (place, at):
            together = (*last.sentences, sentence)
            merit = max(last.merit, merit)
            passages[-1] = Passage(together, sources[place], place, last.first, merit)
        else:
            passages.append(Passage((sentence,), sources[place], place, at, merit))
    return passages
