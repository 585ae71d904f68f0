"""From how relevant subjects are to sections, to what is told of each and of the whole."""

from collections.abc import Sequence

import numpy as np

from earshot.transcript.findings import Topic
from earshot.understanding.encoder import Vectors


def most_relevant(names: Sequence[str], relevances: Vectors, n_wanted: int) -> tuple[Topic, ...]:
    """The first so many of the subjects, by relevance; `relevances` is (n_subjects,)."""
    best = np.argsort(-relevances, kind="stable")[:n_wanted]
    return tuple(Topic(names[index], float(relevances[index])) for index in best)


def topics_of_whole(
    names: Sequence[str], relevances: Vectors, lengths: Vectors, n_wanted: int
) -> tuple[Topic, ...]:
    """The subjects of all sections, (n_sections, n_subjects), each weighing as much as it is long.

    "Summary: top = 1.0": they are relative to the most relevant one.
    """
    if not len(relevances):
        return ()
    sums = lengths @ relevances
    top = float(sums.max())
    return most_relevant(names, sums / top if top > 0 else sums, n_wanted)
