"""How far word times are from the truth: in meetings, and in recordings that we join ourselves.

Run as `python -m benchmarks.timing --data ../shared/eval`. With --write the tables go into
docs/reference/benchmarks.md.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.datasets import Clip, read_english_clips
from benchmarks.matching import match_words
from benchmarks.recordings import Pcm16, decode_pcm, write_wav
from benchmarks.report import Table, describe_run, load_average, write_section
from earshot.audio.waveform import SAMPLE_RATE
from earshot.pipeline.offline import transcribe_file
from earshot.pipeline.stages import Stages
from earshot.settings import load_settings
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.words import Word
from earshot.wiring.models import load_stages

# Said while somebody else speaks, and often elsewhere than where they are written down.
BACK_CHANNELS = frozenset({"yeah", "mm", "hmm", "mm-hmm", "okay", "'kay", "right", "uh", "um"})
# Read in a quiet room, so that loudness alone tells where a clip's speech begins and ends. Clips of
# librispeech have steps and clicks before the first word.
QUIET_SETS = ("arctic", "ljspeech", "vctk")
PAUSES_S = (0.3, 0.7, 1.5)  # in turn
LOUDNESS_WINDOW = SAMPLE_RATE // 100  # 10 ms
# What is less than this under the loudest part is speech. Nobody can say which is right: the first
# is the range that Earshot itself uses, the second takes in breath and the room's echo.
SPEECH_RANGES_DB = (30.0, 40.0)

Milliseconds = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Edge:
    """Where a word was heard to begin or end, and where it does; `half` is of the recordings."""

    kind: str
    half: str
    error_ms: float


def read_meeting(path: Path) -> list[Word]:
    """Every speaker's words in the order of their times."""
    segments = json.loads(path.read_text(encoding="utf-8"))["segments"]
    words = [
        Word(word["w"], round(1000 * word["start"]), round(1000 * word["end"]), 1.0)
        for segment in segments
        for word in segment["words"]
    ]
    return sorted(words, key=lambda word: (word.start_ms, word.end_ms))


def meeting_edges(data: Path, stages: Stages) -> Iterable[Edge]:
    """Both edges of every word that was heard right, back-channels excluded."""
    paths = sorted((data / "diar" / "ami").glob("*.segments.json"))
    for index, path in enumerate(paths):
        said = read_meeting(path)
        audio = path.with_name(path.name.replace(".segments.json", ".flac"))
        heard = transcribe_file(audio, TranscriptOptions(), stages).words
        half = "odd" if index % 2 else "even"
        for at, heard_at in match_words([w.text for w in said], [w.text for w in heard]):
            if said[at].text.lower() not in BACK_CHANNELS:
                yield Edge("word starts", half, heard[heard_at].start_ms - said[at].start_ms)
                yield Edge("word ends", half, heard[heard_at].end_ms - said[at].end_ms)


def speech_limits(pcm: Pcm16, range_db: float) -> tuple[int, int]:
    """The samples between which there is speech, told by loudness alone."""
    n_windows = len(pcm) // LOUDNESS_WINDOW
    windows = pcm[: n_windows * LOUDNESS_WINDOW].reshape(n_windows, -1).astype(np.float64)
    loudness_db = 10 * np.log10(np.mean(windows**2, axis=1) + 1)
    is_loud = loudness_db > np.percentile(loudness_db, 98) - range_db
    loud = np.flatnonzero(is_loud[:-1] & is_loud[1:])  # two in a row: a click is no speech
    return int(loud[0]) * LOUDNESS_WINDOW, int(loud[-1] + 2) * LOUDNESS_WINDOW


def joined_edges(
    clips: Sequence[Clip], half: str, range_db: float, stages: Stages, folder: Path
) -> Iterable[Edge]:
    """Start of the first and end of the last word of each clip, where they were heard right.

    The clips are cut to their speech and joined with silences between, so its place is known.
    """
    blocks: list[Pcm16] = []
    said: list[Word] = []
    at = 0
    for index, clip in enumerate(clips):
        pcm = decode_pcm(clip.path)
        first, end = speech_limits(pcm, range_db)
        pause = np.zeros(int(PAUSES_S[index % len(PAUSES_S)] * SAMPLE_RATE), dtype=np.int16)
        blocks += [pause, pcm[first:end]]
        start_ms = (at + len(pause)) * 1000 // SAMPLE_RATE
        at += len(pause) + end - first
        # Only the first word's start and the last one's end mean anything.
        limits = start_ms, at * 1000 // SAMPLE_RATE
        said += [Word(text, *limits, 1.0, speaker=clip.name) for text in clip.reference.split()]
    path = write_wav(folder / "joined.wav", [*blocks, np.zeros(SAMPLE_RATE, dtype=np.int16)])
    heard = transcribe_file(path, TranscriptOptions(), stages).words
    for index, heard_at in match_words([w.text for w in said], [w.text for w in heard]):
        if index == 0 or said[index - 1].speaker != said[index].speaker:
            error_ms = heard[heard_at].start_ms - said[index].start_ms
            yield Edge(f"starts of first words, {range_db:.0f} dB", half, error_ms)
        if index + 1 == len(said) or said[index + 1].speaker != said[index].speaker:
            error_ms = heard[heard_at].end_ms - said[index].end_ms
            yield Edge(f"ends of last words, {range_db:.0f} dB", half, error_ms)


def timing_table(title: str, edges: Sequence[Edge], note: str) -> Table:
    rows = []
    for kind in dict.fromkeys(edge.kind for edge in edges):
        for half in ("even", "odd"):
            errors = np.array([e.error_ms for e in edges if (e.kind, e.half) == (kind, half)])
            if len(errors):
                rows.append((f"{kind}, {half}", str(len(errors)), *_cells(errors)))
    columns = ("Edges", "words", "median error ms", "p95 ms", "median bias ms", "<= 100 ms, %")
    return Table(title, columns, rows, note)


def _cells(errors_ms: Milliseconds) -> tuple[str, ...]:
    sizes = np.abs(errors_ms)
    return (
        f"{np.median(sizes):.0f}",
        f"{np.percentile(sizes, 95):.0f}",
        f"{np.median(errors_ms):+.0f}",
        f"{100 * np.mean(sizes <= 100):.0f}",
    )


def measure(data: Path) -> list[Table]:
    clips = [clip for clip in read_english_clips(data) if clip.set_name in QUIET_SETS]
    stages = load_stages(load_settings())
    joined: list[Edge] = []
    try:
        meetings = list(meeting_edges(data, stages))
        with tempfile.TemporaryDirectory(prefix="earshot-bench-") as folder:
            for range_db in SPEECH_RANGES_DB:
                for remainder, half in enumerate(("even", "odd")):
                    chosen = [clip for clip in clips if clip.row % 2 == remainder]
                    joined += joined_edges(chosen, half, range_db, stages, Path(folder))
    finally:
        stages.decoder.close()
    return [
        timing_table(
            "Word times in meetings",
            meetings,
            "Words heard right, back-channels excluded, against the AMI corpus's own word times; "
            "every second recording is odd.",
        ),
        timing_table(
            "Word times at known places",
            joined,
            "Clips of read speech cut to their speech by loudness, joined with silences of "
            f"{', '.join(map(str, PAUSES_S))} s: the start of a clip's first word and the end of "
            "its last, where they were heard right. Speech is what is less than 30 or 40 dB under "
            "the loudest part. Earshot also goes by loudness, within 30 dB, so these figures are "
            "kind to it: the meetings are the independent judge.",
        ),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.timing", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with asr/ and diar/ami/")
    parser.add_argument("--write", action="store_true", help="put the tables into the docs")
    options = parser.parse_args()
    load_before = load_average()
    tables = measure(options.data)
    run = describe_run(["benchmarks.timing", *sys.argv[1:]], load_before)
    content = "\n".join([run, "", *(table.render() for table in tables)])
    print(content)
    if options.write:
        write_section("timing", content)


if __name__ == "__main__":
    main()
