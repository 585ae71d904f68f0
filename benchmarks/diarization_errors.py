"""Diarization errors: time missed, invented, or given to the wrong speaker; overlap counts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from earshot.diarization.diarizer import Stretch
from earshot.evaluation.scoring import INTERVAL_PERCENT, N_RESAMPLES, ErrorRate

Turns = Mapping[str, Sequence[Stretch]]  # when each speaker speaks
Activity = npt.NDArray[np.bool_]  # (n_speakers, n_slices)


@dataclass(frozen=True, slots=True)
class DiarizationErrors:
    """Milliseconds of speaker time; two who speak at once count twice.

    `speech_ms` is what the reference holds. The error rate is all errors over it, and may be more
    than 1.
    """

    speech_ms: int = 0
    missed_ms: int = 0
    invented_ms: int = 0
    confused_ms: int = 0

    @property
    def errors_ms(self) -> int:
        return self.missed_ms + self.invented_ms + self.confused_ms

    def __add__(self, other: "DiarizationErrors") -> "DiarizationErrors":
        return DiarizationErrors(
            self.speech_ms + other.speech_ms,
            self.missed_ms + other.missed_ms,
            self.invented_ms + other.invented_ms,
            self.confused_ms + other.confused_ms,
        )


def diarization_errors(
    said: Turns, heard: Turns, duration_ms: int, collar_ms: int = 0
) -> DiarizationErrors:
    """The errors under the best one-to-one match of speakers, as NIST's md-eval counts them.

    `collar_ms` on both sides of every edge in the reference are not judged.
    """
    slices = _slices(said, heard, duration_ms, collar_ms)
    lengths_ms = np.diff(slices)
    middles = slices[:-1] + lengths_ms / 2
    lengths_ms = np.where(_is_judged(said, middles, collar_ms), lengths_ms, 0)
    spoken, found = _activity(said, middles), _activity(heard, middles)
    together = (spoken * lengths_ms) @ found.T.astype(float)  # (n_said, n_heard)
    rows, columns = linear_sum_assignment(together, maximize=True)
    n_said, n_heard = spoken.sum(axis=0), found.sum(axis=0)
    n_right = (spoken[rows] & found[columns]).sum(axis=0)

    def total(n_speakers: npt.NDArray[np.int_]) -> int:
        return round(float(n_speakers @ lengths_ms))

    return DiarizationErrors(
        speech_ms=total(n_said),
        missed_ms=total(np.maximum(n_said - n_heard, 0)),
        invented_ms=total(np.maximum(n_heard - n_said, 0)),
        confused_ms=total(np.minimum(n_said, n_heard) - n_right),
    )


def diarization_error_rate(errors: Sequence[DiarizationErrors]) -> ErrorRate:
    """The rate over all recordings together, with a bootstrap interval over recordings."""
    wrong_ms = np.array([one.errors_ms for one in errors])
    speech_ms = np.array([one.speech_ms for one in errors])
    draws = np.random.default_rng(0).multinomial(
        len(errors), [1 / len(errors)] * len(errors), size=N_RESAMPLES
    )
    rates = 100 * (draws @ wrong_ms) / np.maximum(draws @ speech_ms, 1)
    low, high = np.percentile(rates, INTERVAL_PERCENT)
    percent = 100 * wrong_ms.sum() / max(speech_ms.sum(), 1)
    return ErrorRate(float(percent), float(low), float(high))


def read_rttm(text: str) -> dict[str, list[Stretch]]:
    """When each speaker speaks, from NIST's rich transcription time marks, in order of time."""
    turns: dict[str, list[Stretch]] = {}
    for line in text.splitlines():
        fields = line.split()
        if fields and fields[0] == "SPEAKER":
            start_ms, length_ms = (round(1000 * float(field)) for field in fields[3:5])
            turns.setdefault(fields[7], []).append(Stretch(start_ms, start_ms + length_ms))
    return {name: sorted(mine, key=lambda s: s.start_ms) for name, mine in turns.items()}


def _slices(said: Turns, heard: Turns, duration_ms: int, collar_ms: int) -> npt.NDArray[np.float64]:
    """The times between which nothing changes, in order."""
    edges = {0.0, float(duration_ms)}
    for at in _edges(said):
        edges |= {at, at - collar_ms, at + collar_ms}
    edges |= set(_edges(heard))
    return np.array(sorted(at for at in edges if 0 <= at <= duration_ms))


def _edges(turns: Turns) -> Iterable[float]:
    return (at for mine in turns.values() for s in mine for at in (s.start_ms, s.end_ms))


def _is_judged(
    said: Turns, times: npt.NDArray[np.float64], collar_ms: int
) -> npt.NDArray[np.bool_]:
    judged = np.ones(len(times), dtype=bool)
    if collar_ms:
        for at in _edges(said):
            judged &= np.abs(times - at) >= collar_ms
    return judged


def _activity(turns: Turns, times: npt.NDArray[np.float64]) -> Activity:
    active = np.zeros((len(turns), len(times)), dtype=bool)
    for row, mine in zip(active, turns.values(), strict=True):
        for stretch in mine:
            row |= (stretch.start_ms <= times) & (times < stretch.end_ms)
    return active
