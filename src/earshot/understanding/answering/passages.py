"""Where in the sources something is spoken of: stretches that share words with what is asked."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from earshot.transcript.sentences import Sentence
from earshot.understanding.answering.task import Citation, Source
from earshot.understanding.stems import content_stems, stem

# Of BM25, as it is commonly set.
SATURATION = 1.2
LENGTH_WEIGHT = 0.75
# What is said around a sentence counts, too, the less the farther away.
AROUND = (0.5, 0.4, 0.3, 0.2, 0.1)
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
        self._stems = [[content_stems(one.text) for one in source.sentences] for source in sources]
        flat = [one for source in self._stems for one in source]
        self._n_sentences = len(flat)
        self._n_with = Counter(stem for one in flat for stem in set(one))
        self._mean_length = max(1.0, sum(map(len, flat)) / max(1, len(flat)))

    def find(self, wording: str, n_wanted: int) -> list[Passage]:
        """The best passages, in the order of the sources; none where no word is shared.

        Grammar and forms of words do not count. Sentences that follow one another are one passage,
        and a question takes the sentence behind it along.
        """
        ranked = sorted(self._scored(wording), key=lambda one: -one[0])
        kept = [one for one in ranked[:n_wanted] if one[0] >= MIN_SHARE_OF_BEST * ranked[0][0]]
        return _joined(self._sources, _with_replies(self._sources, kept))

    def fill(self, wording: str, max_chars: int) -> list[Passage]:
        """As many that share words as fit, the best first to be taken, in order.

        Each comes with what is said around it, for an answer is not put in the words of its
        question; the farther around, the fewer they are.
        """
        ranked = sorted(self._scored(wording), key=lambda one: -one[0])
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

    def _scored(self, wording: str) -> "list[_Scored]":
        """The sentences that share words with it."""
        asked = set(content_stems(wording))
        weights = {stem: self._weight(stem) for stem in asked - ASKING_STEMS or asked}
        scored = []
        for place, source in enumerate(self._stems):
            own = [_merit(one, weights, self._mean_length) for one in source]
            for at in (at for at, merit in enumerate(own) if merit > 0):
                says = min(1.0, len(source[at]) / FULL_STEMS)
                scored.append((says * (own[at] + _around(own, at)), place, at))
        return scored

    def _weight(self, stem: str) -> float:
        count = self._n_with[stem]
        return math.log1p((self._n_sentences - count + 0.5) / (count + 0.5))


_Scored = tuple[float, int, int]  # merit, number of the source, number of the sentence in it


def _with_neighbours(ranked: "Sequence[_Scored]") -> "Iterator[tuple[_Scored, int]]":
    """Each sentence with how far from it to look: near it first, then of all, ring by ring."""
    for first, last in ((0, NEAR), *((ring, ring) for ring in range(NEAR + 1, FAR + 1))):
        for one in ranked:
            for distance in range(first, last + 1):
                yield one, distance
                if distance:
                    yield one, -distance


def _around(merits: Sequence[float], at: int) -> float:
    near = (
        (at + sign * (step + 1), weight) for step, weight in enumerate(AROUND) for sign in (-1, 1)
    )
    return sum(weight * merits[index] for index, weight in near if 0 <= index < len(merits))


def _merit(stems: Sequence[str], weights: Mapping[str, float], mean_length: float) -> float:
    if weights.keys().isdisjoint(stems):
        return 0.0
    damping = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * len(stems) / mean_length)
    counts = Counter(stem for stem in stems if stem in weights)
    return sum(
        weights[stem] * count * (SATURATION + 1) / (count + damping)
        for stem, count in counts.items()
    )


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
