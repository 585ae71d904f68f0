"""Where a decoded frame belongs in the recording: by its timestamp where that can be trusted."""

# Timestamps are rounded to 1 ms in WebM, FLV and ASF and jitter by some more in what recorders
# write; below this we count samples, above it we believe the timestamp.
TOLERANCE_S = 0.05
# A recorder that paused leaves a gap, which becomes silence. A longer one is a broken clock.
MAX_GAP_S = 3600.0


class Timeline:
    """Places each frame on a clock that starts at 0 with the media.

    Without trusted timestamps (raw streams, WAV) frames follow one another without gaps.
    """

    def __init__(self, *, is_timed: bool, origin_s: float | None, duration_s: float | None) -> None:
        """`origin_s`: the timestamp of the start; None: the first frame's."""
        self._is_timed = is_timed
        self._origin_s = origin_s
        self._duration_s = duration_s
        self._anchor_s = 0.0  # where the current unbroken run began
        self._run_samples = 0
        self._run_rate = 1
        self._is_first = True
        self._has_jumped = False

    @property
    def next_s(self) -> float:
        """Where a frame that follows without a gap begins."""
        return self._anchor_s + self._run_samples / self._run_rate

    @property
    def origin_s(self) -> float:
        return self._origin_s or 0.0

    def resync(self) -> None:
        """Believe the next frame's timestamp as it is: the reader has jumped."""
        self._has_jumped = True

    def place(self, pts_s: float | None, n_samples: int, sample_rate: int) -> float:
        """Where the frame begins, in seconds; the frames after it follow on."""
        start_s = self._begin(pts_s)
        if start_s != self.next_s or sample_rate != self._run_rate:
            self._anchor_s = start_s
            self._run_samples = 0
            self._run_rate = sample_rate
        self._run_samples += n_samples
        self._is_first = self._has_jumped = False
        return start_s

    def _begin(self, pts_s: float | None) -> float:
        expected_s = self.next_s
        if pts_s is None:
            return expected_s
        if self._origin_s is None:
            self._origin_s = pts_s
        if not (self._is_timed or self._has_jumped):
            return expected_s
        stamped_s = pts_s - self._origin_s
        if self._has_jumped:
            return max(stamped_s, 0.0)
        drift_s = stamped_s - expected_s
        tolerance_s = 0.0 if self._is_first else TOLERANCE_S
        if drift_s > tolerance_s and self._is_believable_gap(drift_s, stamped_s):
            return stamped_s
        if abs(drift_s) > TOLERANCE_S:
            # The clock was set back or leapt: nothing is lost, the recording goes on from here.
            self._origin_s += drift_s
        return expected_s

    def _is_believable_gap(self, gap_s: float, stamped_s: float) -> bool:
        if self._duration_s is None:
            return gap_s <= MAX_GAP_S
        return stamped_s <= self._duration_s + TOLERANCE_S
