import subprocess
import sys

import numpy as np

from earshot.diarization.linkage import cut_merges, join_by_average

# Two near one another, two near one another, and these pairs far apart.
POINTS = np.array([0.0, 1.0, 10.0, 12.0])
DISTANCES = np.abs(POINTS[:, None] - POINTS)


def test_groups_are_joined_at_the_mean_of_their_distances() -> None:
    merges = join_by_average(DISTANCES)
    assert merges[:, 2].tolist() == [1.0, 2.0, 10.5]
    assert merges[:, 3].tolist() == [2, 2, 4]


def test_a_cut_makes_no_merge_that_is_farther() -> None:
    merges = join_by_average(DISTANCES)
    assert len(set(cut_merges(merges, 0.5).tolist())) == 4
    assert cut_merges(merges, 2.0).tolist() == [1, 1, 2, 2]
    assert len(set(cut_merges(merges, 11.0).tolist())) == 1


def test_a_server_begins_without_scipy() -> None:
    program = "import sys, earshot.wiring.api; sys.exit('scipy' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
