"""What the server adds to recognition: start, latency, overhead, memory and idle load.

Run as `python -m benchmarks.server --data ../shared/eval`. It starts a real `earshot serve` on an
empty data folder. With --write the table goes into docs/reference/benchmarks.md.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from benchmarks.datasets import TELEPHONE_SOURCE, read_english_clips
from benchmarks.engine_process import EngineProcess
from benchmarks.engines import OURS
from benchmarks.processes import (
    MemoryWatch,
    cpu_time_s,
    peak_resident_bytes,
    resident_bytes,
)
from benchmarks.recordings import join_clips, loop_recording
from benchmarks.report import Table, describe_run, load_average, write_section
from benchmarks.served import RunningServer, ServerFailed

BYTES_PER_MB = 2**20
SHORT_S, LONG_S = 10, 600
VERY_LONG_S = (7200, 36_000)  # the longest that is taken
N_SHORT = 30
N_LONG = 5
UPLOAD_MB = 1024
SETTLE_S, IDLE_S = 5.0, 20.0
# Requests take processor time themselves, some milliseconds each. So whoever waits for a long
# recording begins to ask when it may soon be done: after that share of what `transcribe` took.
LONG_POLL_S = 0.05
VERY_LONG_POLL_S = 0.5
UNASKED = 0.8

Row = tuple[str, str, str]  # what was measured, the figure, the target


@dataclass(frozen=True, slots=True)
class Bench:
    """A running server and recordings to send it."""

    server: RunningServer
    folder: Path
    short: Path
    long: Path


def measure_start(bench: Bench) -> Iterator[Row]:
    """Cold start on an empty data folder: the first answer, the models, the first transcript."""
    server = bench.server
    start = server.wait_until_ready()
    server.transcribe(server.upload(bench.short.read_bytes()))
    first_s = time.monotonic() - server.launched_s
    yield "Launch to first answer of /health", f"{start.answered_s:.2f} s", "<= 2 s"
    yield "Launch to models loaded", f"{start.ready_s:.2f} s", ""
    yield f"Launch to first transcript, {SHORT_S} s clip", f"{first_s:.2f} s", "<= 5 s"


def measure_latency(bench: Bench) -> Iterator[Row]:
    """Submission to completion of a short clip, one at a time."""
    server = bench.server
    content = bench.short.read_bytes()
    taken_s = [server.transcribe(server.upload(content)) for _ in range(N_SHORT)]
    name = f"Submitted to completed, {SHORT_S} s clip, {N_SHORT} in a row"
    yield f"{name}: p50", f"{median(taken_s):.2f} s", "<= 0.7 s"
    yield f"{name}: p95", f"{quantiles(taken_s, n=20)[-1]:.2f} s", ""


def measure_sync(bench: Bench) -> Iterator[Row]:
    """A short clip to its words in one request, one at a time."""
    server = bench.server
    content = bench.short.read_bytes()
    server.transcribe_at_once(content)  # from here on a decoder stands ready
    taken_ms = [1000 * server.transcribe_at_once(content) for _ in range(N_SHORT)]
    name = f"`/v1/transcribe`, {SHORT_S} s clip, {N_SHORT} in a row"
    yield f"{name}: p50", f"{median(taken_ms):.0f} ms", "<= 400 ms"
    yield f"{name}: p95", f"{quantiles(taken_ms, n=20)[-1]:.0f} ms", ""


def measure_idle(bench: Bench) -> Iterator[Row]:
    """Processor time that server and worker use while nothing is asked of them."""
    time.sleep(SETTLE_S)
    server, worker = bench.server.pid, bench.server.worker_pid
    before_s = cpu_time_s(server), cpu_time_s(worker)
    time.sleep(IDLE_S)
    for name, pid, earlier_s in zip(("server", "worker"), (server, worker), before_s, strict=True):
        share = (cpu_time_s(pid) - earlier_s) / IDLE_S
        yield f"Idle for {IDLE_S:.0f} s: {name}, share of one core", f"{100 * share:.1f} %", ""


def measure_overhead(bench: Bench) -> Iterator[Row]:
    """The same recording by the server and by `transcribe` without one, in turns."""
    url = bench.server.upload(bench.long.read_bytes())
    served_s, alone_s = [], []
    with EngineProcess(OURS) as engine:
        engine.transcribe(bench.short)
        for _ in range(N_LONG):
            alone_s.append(engine.transcribe(bench.long).elapsed_s)
            served_s.append(bench.server.transcribe(url, LONG_POLL_S, UNASKED * alone_s[-1]))
    overhead = median(served_s) / median(alone_s) - 1
    yield f"{LONG_S // 60} min recording: `transcribe`", f"{median(alone_s):.2f} s", ""
    yield f"{LONG_S // 60} min recording: server", f"{median(served_s):.2f} s", ""
    yield "Server beside `transcribe`", f"{100 * overhead:+.1f} %", "<= +5 %"


def measure_upload(bench: Bench) -> Iterator[Row]:
    """The server's memory while it takes a large upload in small pieces."""
    piece = bytes(range(256)) * (BYTES_PER_MB // 256)
    before = resident_bytes(bench.server.pid)
    started_s = time.monotonic()
    with MemoryWatch(bench.server.pid) as watch:
        bench.server.upload(piece for _ in range(UPLOAD_MB))
    taken_s = time.monotonic() - started_s
    growth = watch.peaks.process_bytes - before
    yield "Upload of 1 GB", f"{taken_s:.1f} s", ""
    yield "Upload of 1 GB: server's memory before", _mb(before), ""
    yield "Upload of 1 GB: server's memory grew by", _mb(growth), "flat"


def measure_worker_memory(bench: Bench) -> Iterator[Row]:
    """The worker's memory on very long recordings, one after the other."""
    for duration_s in VERY_LONG_S:
        yield from _memory_of(bench, duration_s)


def _memory_of(bench: Bench, duration_s: int) -> Iterator[Row]:
    path = loop_recording(bench.long, duration_s, bench.folder / "very-long.wav")
    worker = bench.server.worker_pid
    before = resident_bytes(worker)
    with path.open("rb") as file:
        url = bench.server.upload(iter(lambda: file.read(BYTES_PER_MB), b""))
    with MemoryWatch(worker) as watch:
        taken_s = bench.server.transcribe(url, VERY_LONG_POLL_S)
    if bench.server.worker_pid != worker:
        raise ServerFailed("the worker died of the very long recording")
    name = f"{duration_s // 3600} h recording"
    yield f"{name}: submitted to completed", f"{taken_s:.0f} s", ""
    yield f"{name}: worker's memory before", _mb(before), ""
    yield f"{name}: worker's peak memory", _mb(peak_resident_bytes(worker)), "<= 1 GB"
    yield f"{name}: with its decoding processes", _mb(watch.peaks.tree_bytes), "<= 1 GB"


MEASURES: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "latency": measure_latency,
    "sync": measure_sync,
    "idle": measure_idle,
    "overhead": measure_overhead,
    "upload": measure_upload,
    "worker-memory": measure_worker_memory,
}


def measure(data: Path, chosen: Sequence[str]) -> Table:
    """The table of one run; the server is started once the recordings are made."""
    clips = [clip for clip in read_english_clips(data) if clip.set_name == TELEPHONE_SOURCE]
    rows: list[Row] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="earshot-bench-")))
        long = join_clips(clips, LONG_S, folder / "long.wav").path
        short = loop_recording(long, SHORT_S, folder / "short.wav")
        with RunningServer(folder / "first") as first:
            first.wait_until_ready()  # from here on modules are compiled and files are cached
        server = stack.enter_context(RunningServer(folder / "data"))
        bench = Bench(server, folder, short, long)
        for name, measured in {"start": measure_start, **MEASURES}.items():
            if name == "start" or not chosen or name in chosen:
                print(f"{name} ...", file=sys.stderr)
                rows += measured(bench)
    note = (
        "One server and its worker on SQLite, on an empty data folder; it was started once before, "
        "so that its files are in the system's cache. The "
        f"{LONG_S // 60} min recording is read speech, median of {N_LONG} runs in turns; polls are "
        f"20 ms apart, for that recording {1000 * LONG_POLL_S:.0f} ms, from {100 * UNASKED:.0f} % "
        "of what `transcribe` took on."
    )
    return Table("Server", ("Measure", "figure", "target"), rows, note)


def _mb(n_bytes: int) -> str:
    return f"{n_bytes / BYTES_PER_MB:.0f} MB"


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with asr/manifest.jsonl")
    parser.add_argument(
        "--measure", action="append", choices=list(MEASURES), default=[], help="only this one"
    )
    parser.add_argument("--write", action="store_true", help="put the table into the docs")
    options = parser.parse_args(arguments)
    if options.write and options.measure:
        parser.error("--write needs a run of every measure")
    if not (options.data / "asr" / "manifest.jsonl").is_file():
        parser.error(f"{options.data} has no asr/manifest.jsonl")
    return options


def main() -> None:
    options = parse_arguments()
    load_before = load_average()
    table = measure(options.data, options.measure)
    run = describe_run(["benchmarks.server", *sys.argv[1:]], load_before)
    content = f"{run}\n\n{table.render()}"
    print(content)
    if options.write:
        write_section("server", content)


if __name__ == "__main__":
    main()
