"""What is done with an engine: clips heard in turns, sounds without speech, memory watched."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.datasets import Clip
from benchmarks.engine_process import EngineProcess, Heard
from benchmarks.processes import MemoryWatch, peak_resident_bytes
from benchmarks.recordings import speechless_sounds, write_wav
from earshot.evaluation.scoring import ErrorCounts, count_errors, count_errors_of_speakers


@dataclass(frozen=True, slots=True)
class Trial:
    """One clip, as one engine heard it."""

    clip: Clip
    heard: Heard
    counts: ErrorCounts


@dataclass(frozen=True, slots=True)
class Memory:
    """The most memory that an engine held, from its start to the end of one recording."""

    process_bytes: int
    tree_bytes: int  # with its decoding processes
    load_s: float


Trials = dict[str, list[Trial]]  # by engine; the same clips in the same order for each


def hear_in_turns(engines: Sequence[EngineProcess], clips: Sequence[Clip]) -> Trials:
    """Every clip through every engine; who goes first changes from clip to clip."""
    trials: Trials = {engine.name: [] for engine in engines}
    for index, clip in enumerate(clips):
        _show_progress(f"{index + 1}/{len(clips)} {clip.name}")
        for engine in engines if index % 2 == 0 else reversed(engines):
            heard = engine.transcribe(clip.path)
            trials[engine.name].append(Trial(clip, heard, _count(clip, heard.text)))
    _show_progress("")
    return trials


def _show_progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{text:79.79}\r", end="", file=sys.stderr, flush=True)


def _count(clip: Clip, text: str) -> ErrorCounts:
    if clip.speaker_references:
        return count_errors_of_speakers(clip.speaker_references, text)
    return count_errors(clip.reference, text)


def hear_sounds(engines: Sequence[EngineProcess], folder: Path) -> dict[str, dict[str, str]]:
    """The text that each engine makes of each sound without speech, by sound and engine."""
    texts = {}
    for name, pcm in speechless_sounds().items():
        path = write_wav(folder / "sound.wav", [pcm])
        texts[name] = {engine.name: engine.transcribe(path).text for engine in engines}
    return texts


def measure_memory(name: str, path: Path) -> Memory:
    """What a fresh process of that engine needs for the recording."""
    with EngineProcess(name) as engine:
        with MemoryWatch(engine.pid) as watch:
            engine.transcribe(path)
        alone = peak_resident_bytes(engine.pid)  # exact, where the watch only samples
        return Memory(alone, max(alone, watch.peaks.tree_bytes), engine.load_s)
