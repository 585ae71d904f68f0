"""Where in the sources something is spoken of: stretches that share words with what is asked."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from earshot.transcript.sentences import Sentence
from earshot.understanding.answering.task import Citation, Source
from earshot.understanding.stems import content_stems

# Of BM25, as it is commonly set.
SATURATION = 1.2
LENGTH_WEIGHT = 0.75
# An answer often follows what names the subject.
NEIGHBOUR_WEIGHT = 0.4
MIN_SHARE_OF_BEST = 0.5


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


def find_passages(sources: Sequence[Source], wording: str, n_wanted: int) -> list[Passage]:
    """The best passages, in the order of the sources; none where no word is shared.

    Grammar and forms of words do not count. Sentences that follow one another are one passage.
    """
    scored = _scored(sources, wording)
    best = max((merit for merit, _, _ in scored), default=0.0)
    kept = [one for one in scored if one[0] > 0 and one[0] >= MIN_SHARE_OF_BEST * best]
    kept = sorted(kept, key=lambda one: -one[0])[:n_wanted]
    return _joined(sources, kept)


def fill_with_passages(sources: Sequence[Source], wording: str, max_chars: int) -> list[Passage]:
    """As many of the passages that share words as fit, the best first to be taken, in order."""
    kept, n_chars = [], 0
    for one in sorted(_scored(sources, wording), key=lambda one: -one[0]):
        merit, place, at = one
        n_chars += len(sources[place].sentences[at].text) + 1
        if merit <= 0 or n_chars > max_chars:
            break
        kept.append(one)
    return _joined(sources, kept)


_Scored = tuple[float, int, int]  # merit, number of the source, number of the sentence in it


def _scored(sources: Sequence[Source], wording: str) -> list[_Scored]:
    wanted = set(content_stems(wording))
    stems = [[content_stems(one.text) for one in source.sentences] for source in sources]
    flat = [one for source in stems for one in source]
    if not wanted or not flat:
        return []
    n_with = Counter(stem for one in flat for stem in wanted & set(one))
    weights = {
        stem: math.log1p((len(flat) - count + 0.5) / (count + 0.5))
        for stem, count in n_with.items()
    }
    mean_length = max(1.0, sum(map(len, flat)) / len(flat))
    scored = []
    for place, source in enumerate(stems):
        own = [_merit(one, weights, mean_length) for one in source]
        before = [0.0, *own[:-1]]
        scored += [
            (merit + NEIGHBOUR_WEIGHT * earlier, place, at)
            for at, (merit, earlier) in enumerate(zip(own, before, strict=True))
        ]
    return scored


def _merit(stems: Sequence[str], weights: dict[str, float], mean_length: float) -> float:
    damping = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * len(stems) / mean_length)
    counts = Counter(stem for stem in stems if stem in weights)
    return sum(
        weights[stem] * count * (SATURATION + 1) / (count + damping)
        for stem, count in counts.items()
    )


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
