"""Hierarchical clustering by average linkage (UPGMA), as SciPy does it.

Source: Sokal and Michener, 1958. SciPy is imported when it is first needed: it takes longer than
all of ours, and a server begins without it.
"""

import numpy as np
import numpy.typing as npt

Distances = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int_]


def join_by_average(distances: Distances) -> Distances:
    """The merges, nearest first, shape (n - 1, 4): the two groups, how far apart, how many in all.

    `distances` are symmetric, shape (n, n), of at least two.
    """
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    merges: Distances = linkage(squareform(distances, checks=False), "average")
    return merges


def cut_merges(merges: Distances, max_distance: float) -> Labels:
    """The group of each, from 1 up, where no merge of a greater distance is made."""
    from scipy.cluster.hierarchy import fcluster

    return np.asarray(fcluster(merges, max_distance, "distance"), dtype=int)
