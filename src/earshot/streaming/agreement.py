"""Which words of a growing hypothesis can be told as final.

LocalAgreement (arXiv:2008.06480): words that two hypotheses in a row begin with will hardly
change. Those that the recognizer doubts change more often, so they wait until more was heard.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from earshot.streaming.heard import HeardWord

# A word at another place by this much is as bad as another word.
MISPLACED_MS = 600


@dataclass(frozen=True, slots=True)
class AgreementPolicy:
    """How much must have been heard after an agreed word before it is final.

    It is `margin_ms` for a word of confidence 1, and up to `doubt_ms` more the less it is. When one
    under `doubted_confidence` may become final it is heard with more effort, if there is no load.
    Chosen on even rows, `benchmarks.streaming` and `benchmarks.live_words`.
    """

    margin_ms: int = 200
    doubt_ms: int = 2400
    doubted_confidence: float = 0.8

    def is_stable(self, word: HeardWord, heard_until_ms: int) -> bool:
        """Whether enough was heard after the word."""
        needed_ms = self.margin_ms + self.doubt_ms * (1 - word.confidence)
        return heard_until_ms - word.end_ms >= needed_ms

    def is_doubted(self, word: HeardWord) -> bool:
        return word.confidence < self.doubted_confidence


DEFAULT_AGREEMENT_POLICY = AgreementPolicy()


def find_continuation(finals: Sequence[HeardWord], heard: Sequence[HeardWord]) -> int:
    """How many of the heard words say again what is final; the rest continues it.

    It is where the words before are most like the final ones, and end where these end.
    """
    if not finals:
        return 0
    end_ms = finals[-1].end_ms
    distances = _prefix_distances([word.text for word in finals], [word.text for word in heard])
    costs = [
        distance + abs((heard[n - 1].end_ms if n else finals[0].start_ms) - end_ms) / MISPLACED_MS
        for n, distance in enumerate(distances)
    ]
    return costs.index(min(costs))


def count_agreed(previous: Sequence[HeardWord], current: Sequence[HeardWord]) -> int:
    """How many words both begin with."""
    n_agreed = 0
    for before, now in zip(previous, current, strict=False):
        if before.text != now.text:
            break
        n_agreed += 1
    return n_agreed


def _prefix_distances(ours: Sequence[str], theirs: Sequence[str]) -> list[int]:
    """The words to change, drop or add between all of ours and the first n of theirs, by n."""
    row = list(range(len(theirs) + 1))
    for n_ours, our_word in enumerate(ours, start=1):
        previous, row = row, [n_ours]
        for index, their_word in enumerate(theirs):
            swapped = previous[index] + (our_word != their_word)
            row.append(min(swapped, previous[index + 1] + 1, row[-1] + 1))
    return row
