"""Word error rate, speed and memory of Earshot beside the Moonshine library, in one run.

Run as `python -m benchmarks.transcription --data ../shared/eval`. The two take turns, file by file,
each in a process of its own. With --write the tables go into docs/reference/benchmarks.md.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.datasets import TELEPHONE_SOURCE, read_english_clips
from benchmarks.engine_process import EngineProcess
from benchmarks.engines import OURS, PEER, EngineUnavailable
from benchmarks.recordings import join_clips, telephone_clip
from benchmarks.report import Table, describe_run, load_average, write_section
from benchmarks.transcription_tables import (
    accuracy_table,
    joined_table,
    memory_table,
    render_worst,
    sounds_table,
    speed_table,
    worst_table,
)
from benchmarks.trials import hear_in_turns, hear_sounds, measure_memory

JOINED_S = 600


def open_engines(stack: ExitStack) -> list[EngineProcess]:
    """Ours, and the peer where it can run; each warmed up by a first sound."""
    engines = [stack.enter_context(EngineProcess(OURS))]
    try:
        engines.append(stack.enter_context(EngineProcess(PEER)))
    except EngineUnavailable as error:
        print(f"\n*** Only {OURS} is measured; the {PEER} is unavailable: {error}\n")
    return engines


def measure(data: Path, chosen: Sequence[str], n_runs: int) -> tuple[list[Table], str]:
    """The tables of one run, and the words of its worst clips, which are not for the docs."""
    clips = read_english_clips(data)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="earshot-bench-")))
        spoken = [clip for clip in clips if clip.set_name == TELEPHONE_SOURCE]
        clips += [telephone_clip(clip, folder) for clip in spoken]
        if chosen:
            clips = [clip for clip in clips if clip.set_name in chosen]
        engines = open_engines(stack)
        hear_in_turns(engines, clips[:1])  # whatever is loaded at first use is loaded now
        trials = hear_in_turns(engines, clips)
        tables = [accuracy_table(trials), speed_table(trials)]
        if not chosen:
            joined = join_clips(spoken, JOINED_S, folder / "joined.wav")
            tables += [
                joined_table(hear_in_turns(engines, [joined] * n_runs)),
                sounds_table(hear_sounds(engines, folder)),
                memory_table({e.name: measure_memory(e.name, joined.path) for e in engines}),
            ]
        tables.append(worst_table(trials[OURS]))
        return tables, render_worst(trials[OURS])


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.transcription", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with asr/manifest.jsonl")
    parser.add_argument("--set", action="append", default=[], help="only this set; may be repeated")
    parser.add_argument("--runs", type=int, default=3, help="runs over the joined recording")
    parser.add_argument("--write", action="store_true", help="put the tables into the docs")
    options = parser.parse_args(arguments)
    if options.write and options.set:
        parser.error("--write needs a run over every set")
    if not (options.data / "asr" / "manifest.jsonl").is_file():
        parser.error(f"{options.data} has no asr/manifest.jsonl")
    return options


def main() -> None:
    options = parse_arguments()
    load_before = load_average()
    tables, worst = measure(options.data, options.set, options.runs)
    run = describe_run(["benchmarks.transcription", *sys.argv[1:]], load_before)
    content = "\n".join([run, "", *(table.render() for table in tables)])
    print(f"{content}\n{worst}")
    if options.write:
        write_section("transcription", content)


if __name__ == "__main__":
    main()
