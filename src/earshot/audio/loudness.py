"""Quiet audio made louder: models know speech at the level that microphones deliver it at."""

import numpy as np

from earshot.audio.waveform import Samples

# The loud parts of speech below this level are raised to it: from here on down, word errors grow.
QUIET_LEVEL = 0.03  # -30 dB of full scale
LOUD_PART_PERCENT = 99
# 40 dB. What is fainter still is the rounding of 16-bit samples.
MAX_GAIN = 100.0


def raise_quiet(samples: Samples) -> Samples:
    """The samples, louder if even their loud parts are faint; nothing is raised over full scale.

    The gain is one for all of them, so that a faint word beside a loud one stays faint.
    """
    if not len(samples):
        return samples
    sizes = np.abs(samples)
    # Most recordings are loud enough, which is counted faster than their level is found.
    if np.count_nonzero(sizes >= QUIET_LEVEL) >= len(sizes) * (1 - LOUD_PART_PERCENT / 100) + 1:
        return samples
    level = float(np.percentile(sizes, LOUD_PART_PERCENT))
    if level >= QUIET_LEVEL or sizes.max() == 0:
        return samples
    gain = min(MAX_GAIN, QUIET_LEVEL / level if level else MAX_GAIN, 1 / float(sizes.max()))
    raised: Samples = samples * np.float32(max(1.0, gain))
    return raised
