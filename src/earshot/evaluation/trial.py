"""Recordings through an engine, one after the other, and what came of each."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from earshot.errors import EarshotError
from earshot.evaluation.recordings import LabelledRecording
from earshot.evaluation.scoring import (
    ErrorCounts,
    ErrorRate,
    count_character_errors,
    count_errors,
    error_rate,
)
from earshot.transcript.result import TranscriptResult


@dataclass(frozen=True, slots=True)
class Trial:
    """What an engine made of one recording.

    `refusal` is set where it could not be transcribed. The counts are None where there is no
    reference to compare with.
    """

    recording: LabelledRecording
    text: str
    audio_s: float
    elapsed_s: float
    words: ErrorCounts | None = None
    characters: ErrorCounts | None = None
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """All trials of one engine; the rates are None where no recording has a reference.

    `realtime_factor` is seconds of audio per second of work. Latencies are from file to words.
    """

    engine: str
    n_recordings: int
    n_refused: int
    audio_s: float
    realtime_factor: float
    median_latency_s: float
    p95_latency_s: float
    peak_memory_mb: float
    words: ErrorRate | None
    characters: ErrorRate | None


def try_recordings(
    recordings: Sequence[LabelledRecording],
    transcribe: Callable[[Path], TranscriptResult],
    clock_s: Callable[[], float],
    *,
    is_english: bool,
) -> Iterator[Trial]:
    """One trial per recording, in order; one that cannot be transcribed does not end the run."""
    for recording in recordings:
        began_s = clock_s()
        try:
            result = transcribe(recording.path)
        except EarshotError as error:
            yield Trial(recording, "", 0.0, clock_s() - began_s, refusal=str(error))
            continue
        elapsed_s = clock_s() - began_s
        said, heard, audio_s = recording.reference, result.text, result.duration_ms / 1000
        if said is None:
            yield Trial(recording, heard, audio_s, elapsed_s)
            continue
        words = count_errors(said, heard, is_english=is_english)
        characters = count_character_errors(said, heard, is_english=is_english)
        yield Trial(recording, heard, audio_s, elapsed_s, words, characters)


def summarise(engine: str, trials: Sequence[Trial], peak_memory_mb: float) -> Summary:
    """The figures of one engine; `trials` are at least one."""
    done = [trial for trial in trials if trial.refusal is None]
    elapsed_s = [trial.elapsed_s for trial in done] or [0.0]
    audio_s = sum(trial.audio_s for trial in done)
    words = [trial.words for trial in trials if trial.words is not None]
    characters = [trial.characters for trial in trials if trial.characters is not None]
    return Summary(
        engine=engine,
        n_recordings=len(trials),
        n_refused=len(trials) - len(done),
        audio_s=audio_s,
        realtime_factor=audio_s / max(sum(elapsed_s), 1e-9),
        median_latency_s=float(np.median(elapsed_s)),
        p95_latency_s=float(np.percentile(elapsed_s, 95)),
        peak_memory_mb=peak_memory_mb,
        words=error_rate(words) if words else None,
        characters=error_rate(characters) if characters else None,
    )
