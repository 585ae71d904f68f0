"""The last part of a session's audio: what may still be heard again."""

import numpy as np

from earshot.audio.waveform import Samples

FIRST_CAPACITY_SAMPLES = 65_536


class AudioWindow:
    """Samples by their place in the session; what lies far enough back is forgotten."""

    def __init__(self) -> None:
        self._buffer: Samples = np.zeros(FIRST_CAPACITY_SAMPLES, dtype=np.float32)
        self._n_held = 0
        self.start_samples = 0

    @property
    def end_samples(self) -> int:
        return self.start_samples + self._n_held

    @property
    def capacity_samples(self) -> int:
        """How many samples there is memory for."""
        return len(self._buffer)

    def append(self, samples: Samples) -> None:
        n_needed = self._n_held + len(samples)
        if n_needed > len(self._buffer):
            grown = np.zeros(max(2 * len(self._buffer), n_needed), dtype=np.float32)
            grown[: self._n_held] = self._buffer[: self._n_held]
            self._buffer = grown
        self._buffer[self._n_held : n_needed] = samples
        self._n_held = n_needed

    def cut(self, start_samples: int, end_samples: int) -> Samples:
        """A copy of what lies between the two, (n_samples,)."""
        first = max(0, start_samples - self.start_samples)
        return self._buffer[first : end_samples - self.start_samples].copy()

    def forget_before(self, position_samples: int) -> None:
        """Let go of what lies before that; memory shrinks with it."""
        n_forgotten = min(position_samples - self.start_samples, self._n_held)
        # Moving the rest costs time, so it waits until there is as much to forget as to move.
        if n_forgotten <= 0 or n_forgotten < self._n_held - n_forgotten:
            return
        rest = self._buffer[n_forgotten : self._n_held]
        capacity = max(FIRST_CAPACITY_SAMPLES, 2 * len(rest))
        kept = self._buffer if capacity >= len(self._buffer) else np.zeros(capacity, np.float32)
        kept[: len(rest)] = rest.copy()
        self._buffer, self._n_held = kept, len(rest)
        self.start_samples += n_forgotten
