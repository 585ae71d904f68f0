"""A long recording as somebody transcribes it with speakers: the whole command, time and memory."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.processes import MemoryWatch, child_environment
from benchmarks.recordings import Pcm16, write_wav
from benchmarks.report import Table
from earshot.audio.waveform import SAMPLE_RATE

ARGUMENTS = ("--speakers", "--format", "json")
BYTES_PER_GB = 1e9


@dataclass(frozen=True, slots=True)
class Command:
    """What one run of `earshot transcribe` took, and what came of it."""

    wall_s: float
    cpu_s: float
    process_bytes: int
    tree_bytes: int
    n_words: int
    n_speakers: int


def repeat_to(pcms: Sequence[Pcm16], duration_s: float) -> Pcm16:
    """The recordings in a row, again and again, for exactly so long."""
    row = np.concatenate(pcms)
    n_samples = round(duration_s * SAMPLE_RATE)
    return np.tile(row, -(-n_samples // len(row)))[:n_samples]


def transcribe_with_speakers(recording: Path, output: Path) -> Command:
    """Run the command to its end, from a cold start; raises CalledProcessError where it fails."""
    arguments = [sys.executable, "-m", "earshot", "transcribe", str(recording), *ARGUMENTS]
    command = [*arguments, "--output", str(output)]
    started_s = time.monotonic()
    process = subprocess.Popen(command, env=child_environment(), stderr=subprocess.DEVNULL)
    with MemoryWatch(process.pid) as watch:
        _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.monotonic() - started_s
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    transcript = json.loads(output.read_text(encoding="utf-8"))
    return Command(
        wall_s,
        usage.ru_utime + usage.ru_stime,
        # Not ru_maxrss: where this process was larger when it began that one, it is of this one.
        watch.peaks.process_bytes,
        watch.peaks.tree_bytes,
        len(transcript["words"]),
        len({utterance["speaker"] for utterance in transcript["utterances"]}),
    )


def long_table(pcms: Sequence[Pcm16], duration_s: float) -> Table:
    with tempfile.TemporaryDirectory() as folder:
        path = write_wav(Path(folder) / "long.wav", [repeat_to(pcms, duration_s)])
        done = transcribe_with_speakers(path, Path(folder) / "long.json")
    row = (
        f"{duration_s / 60:g} minutes",
        f"{done.wall_s:.1f}",
        f"{duration_s / done.wall_s:.1f}",
        f"{duration_s / done.cpu_s:.1f}",
        f"{done.process_bytes / BYTES_PER_GB:.2f}",
        f"{done.tree_bytes / BYTES_PER_GB:.2f}",
        str(done.n_words),
        str(done.n_speakers),
    )
    columns = (
        *("Recording", "seconds", "x realtime", "x realtime of CPU"),
        *("most memory, GB", "with its decoder, GB", "words", "speakers"),
    )
    note = (
        "`earshot transcribe --speakers --format json` on all recordings in a row, again and "
        "again, as one WAV file: words and speakers together, loading included. Memory is the most "
        "that was resident at one moment, looked at 20 times a second: of the command itself, and "
        "of all its processes, where what they share counts for each."
    )
    return Table("Words and speakers of one long recording", columns, [row], note)
