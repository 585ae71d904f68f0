"""Memory over one very long live session: as fast as it is heard, and at the pace of its audio.

Run as `python -m benchmarks.long_session --data ../shared/eval`; it takes about an hour. The first
part is one session and its recogniser in this process, the second a real `earshot serve` and a
client that sends 50 ms at a time. Read speech and meetings, again and again. With --write the
tables go into docs/reference/benchmarks.md.
"""

import argparse
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np
from websockets.sync.client import ClientConnection, connect

from benchmarks.datasets import Clip, read_english_clips
from benchmarks.live_trials import CHUNK_MS
from benchmarks.processes import resident_bytes
from benchmarks.recordings import Pcm16, decode_pcm
from benchmarks.report import Table, describe_run, load_average, write_section
from benchmarks.served import RunningServer
from benchmarks.streaming import Laboratory
from earshot.audio.waveform import SAMPLE_RATE, samples_from_pcm16
from earshot.streaming.events import Event, HearingWanted, TurnUpdated
from earshot.streaming.options import TurnPolicy

SETS = ("librispeech", "ami")
PAUSE_S = 1.0  # between two recordings
CHUNK_SAMPLES = SAMPLE_RATE * CHUNK_MS // 1000
N_MARKS = 6  # how often memory is looked at
BYTES_PER_MB = 2**20


@dataclass(frozen=True, slots=True)
class Mark:
    """How things stood when so much had been heard."""

    heard_s: float
    elapsed_s: float
    memory_bytes: int
    n_turns: int


def endless_chunks(clips: Sequence[Clip]) -> Iterator[Pcm16]:
    """The recordings with a pause after each, again and again, 50 ms at a time."""
    pause = np.zeros(round(PAUSE_S * SAMPLE_RATE), dtype=np.int16)
    rest = pause[:0]
    for pcm in cycle([np.concatenate([decode_pcm(clip.path), pause]) for clip in clips]):
        row = np.concatenate([rest, pcm])
        n_whole = len(row) // CHUNK_SAMPLES * CHUNK_SAMPLES
        yield from np.split(row[:n_whole], n_whole // CHUNK_SAMPLES)
        rest = row[n_whole:]


def hear_as_fast_as_it_goes(chunks: Iterator[Pcm16], duration_s: float) -> Iterator[Mark]:
    """One session in this process; every chunk is heard out before the next is sent."""
    laboratory = Laboratory()
    laboratory.stages.decoder.close()
    session = laboratory.open_session(TurnPolicy())
    n_turns = 0

    def take(events: Sequence[Event]) -> None:
        nonlocal n_turns
        for event in events:
            if isinstance(event, TurnUpdated):
                n_turns += event.is_end and not event.is_formatted
            elif isinstance(event, HearingWanted):
                answer = laboratory.hear(event)
                take(session.heard(event.request_id, answer.recognition))

    began_s = time.monotonic()
    for chunk, heard_s in marked(chunks, duration_s):
        take(session.add_audio(samples_from_pcm16(chunk)))
        if heard_s is not None:
            gc.collect()
            memory = resident_bytes(os.getpid())
            yield Mark(heard_s, time.monotonic() - began_s, memory, n_turns)
    take(session.finish())


def marked(chunks: Iterator[Pcm16], duration_s: float) -> Iterator[tuple[Pcm16, float | None]]:
    """The chunks of that long, and how much was heard behind those after which to look."""
    n_chunks = round(1000 * duration_s / CHUNK_MS)
    per_mark = n_chunks // N_MARKS
    for number, chunk in zip(range(1, n_chunks + 1), chunks, strict=False):
        yield chunk, number * CHUNK_MS / 1000 if number % per_mark == 0 else None


def hear_at_real_pace(chunks: Iterator[Pcm16], duration_s: float) -> Iterator[Mark]:
    """One session of a real server, whose memory is looked at."""
    with tempfile.TemporaryDirectory() as folder, RunningServer(Path(folder) / "data") as server:
        server.wait_until_ready()
        url = f"{server.url.replace('http', 'ws', 1)}/v3/ws?sample_rate={SAMPLE_RATE}"
        headers = {"Authorization": server.key}
        with connect(f"{url}&format_turns=true", additional_headers=headers) as socket:
            n_turns = 0
            began_s = time.monotonic()
            for number, (chunk, heard_s) in enumerate(marked(chunks, duration_s), 1):
                due_s = began_s + number * CHUNK_MS / 1000
                time.sleep(max(0.0, due_s - time.monotonic()))
                socket.send(chunk.astype("<i2").tobytes())
                n_turns += count_turns(socket)
                if heard_s is not None:
                    memory = resident_bytes(server.pid)
                    yield Mark(heard_s, time.monotonic() - began_s, memory, n_turns)
            socket.send(json.dumps({"type": "Terminate"}))
            for _ in socket:
                pass


def count_turns(socket: ClientConnection) -> int:
    """How many turns ended in the messages that are there."""
    n_turns = 0
    while True:
        try:
            message = json.loads(socket.recv(timeout=0))
        except TimeoutError:
            return n_turns
        n_turns += bool(message.get("end_of_turn") and message["turn_is_formatted"])


def session_table(title: str, marks: Sequence[Mark], note: str) -> Table:
    rows = [
        (
            f"{mark.heard_s / 60:.0f}",
            f"{mark.heard_s / mark.elapsed_s:.1f}",
            f"{mark.memory_bytes / BYTES_PER_MB:.0f}",
            str(mark.n_turns),
        )
        for mark in marks
    ]
    return Table(title, ("Minutes heard", "x real time", "memory MB", "turns"), rows, note)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.long_session", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with asr/manifest.jsonl")
    parser.add_argument("--hours", type=float, default=3.0, help="as fast as they are heard")
    parser.add_argument("--minutes", type=float, default=30.0, help="at the pace of the audio")
    parser.add_argument("--write", action="store_true", help="put the tables into the docs")
    options = parser.parse_args()
    load_before = load_average()
    clips = [clip for clip in read_english_clips(options.data) if clip.set_name in SETS]
    at_pace = list(hear_at_real_pace(endless_chunks(clips), 60 * options.minutes))
    fast = list(hear_as_fast_as_it_goes(endless_chunks(clips), 3600 * options.hours))
    tables = [
        session_table(
            "One long live session, as fast as it is heard",
            fast,
            "One process with the recogniser and the session; memory as the system counts it.",
        ),
        session_table(
            "One long live session at the pace of its audio",
            at_pace,
            "The process of `earshot serve`, over a socket, with `format_turns`.",
        ),
    ]
    run = describe_run(["benchmarks.long_session", *sys.argv[1:]], load_before)
    content = "\n".join([run, "", *(table.render() for table in tables)])
    print(content)
    if options.write:
        write_section("long-session", content)


if __name__ == "__main__":
    main()
