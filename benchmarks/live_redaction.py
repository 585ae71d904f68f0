"""How long the end of a live turn waits for its secrets to be found, and what waits for that.

Run as `python -m benchmarks.live_redaction --data ../shared/eval`. With --write the table goes into
docs/reference/benchmarks.md. Turns are cut from meetings; each is looked through with the 80 words
before it, as in a session, on the threads and beside the event loop of a server. Half of the rows
are measured while the recognizer is busy on as many threads as a server gives it by default.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from threading import Event, Thread

import numpy as np

from benchmarks.report import Table, describe_run, load_average, write_section
from benchmarks.train_topics import require_encoder
from benchmarks.understanding_hour import ALL_POLICIES, words_of_an_hour
from earshot.audio.waveform import SAMPLE_RATE, Waveform
from earshot.recognition.catalog import load_recognizer
from earshot.recognition.recognizer import Recognizer
from earshot.settings import load_settings
from earshot.streaming.events import Passage, SecretsWanted
from earshot.streaming.redacted_session import CONTEXT_WORDS
from earshot.streaming.redaction import TurnSecrets, find_turn_secrets
from earshot.streaming.shared_secrets import SharedSecrets
from earshot.transcript.options import RedactionOptions
from earshot.transcript.redaction_policies import policies_for_a_tagger
from earshot.transcript.words import Word
from earshot.understanding.entities.candidates import Tagger
from earshot.wiring.features import build_tagger
from earshot.wiring.installed import open_models

TURN_WORDS = (5, 20, 60, 200)
N_TURNS = 40
N_BUSY = 2
TICK_S = 0.001
N_IDLE_TICKS = 4000
BUSY_S = 3  # of audio that is recognised at a time
BY_PATTERN = tuple(one for one in ALL_POLICIES if not policies_for_a_tagger([one]))
Find = Callable[[SecretsWanted], "Future[TurnSecrets]"]


@dataclass(slots=True)
class Waits:
    """What turns waited for their secrets, and the event loop meanwhile for its next tick.

    `cpu_s` is what finding them takes of one processor, whatever else runs.
    """

    found_s: list[float] = field(default_factory=list)
    late_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)


def turns_of(
    words: Sequence[Word], n_words: int, policies: Sequence[str]
) -> Iterator[SecretsWanted]:
    """Turns of so many words, one after the other, as a session asks about them."""
    redaction = RedactionOptions(tuple(policies))
    for start in range(CONTEXT_WORDS, len(words) - n_words, max(n_words, CONTEXT_WORDS)):
        said = tuple(words[start : start + n_words])
        # Once as it was spoken, and once as it is written: one mark is enough to be another text.
        written = (*said[:-1], Word(f"{said[-1].text}!", *_times(said[-1]), 1.0))
        before = tuple(words[start - CONTEXT_WORDS : start])
        yield SecretsWanted(start, redaction, Passage(before, said), Passage(before, written))


def _times(word: Word) -> tuple[int, int]:
    return word.start_ms, word.end_ms


async def wait_for(find: Find, turns: Sequence[SecretsWanted]) -> Waits:
    """One turn after the other, while the event loop ticks."""
    waits = Waits()
    ticking = asyncio.create_task(_tick_on(waits))
    for turn in turns:
        began_s = time.perf_counter()
        await asyncio.wrap_future(find(turn))
        waits.found_s.append(time.perf_counter() - began_s)
    ticking.cancel()
    with suppress(asyncio.CancelledError):
        await ticking
    return waits


def cpu_of(turns: Sequence[SecretsWanted], tagger: Tagger | None) -> list[float]:
    """Seconds of this thread's processor time for each."""
    taken = []
    for turn in turns:
        began_s = time.thread_time()
        find_turn_secrets(turn, tagger)
        taken.append(time.thread_time() - began_s)
    return taken


async def _tick_on(waits: Waits) -> None:
    while True:
        await _tick(waits)


async def _tick(waits: Waits) -> None:
    due_s = time.perf_counter() + TICK_S
    await asyncio.sleep(TICK_S)
    waits.late_s.append(time.perf_counter() - due_s)


@contextmanager
def busy(recognizer: Recognizer, n_threads: int = N_BUSY) -> Iterator[None]:
    """The recognizer hears something on so many threads during the block."""
    is_over = Event()
    noise = np.random.default_rng(0).normal(0, 0.1, BUSY_S * SAMPLE_RATE).astype(np.float32)

    def hear() -> None:
        while not is_over.is_set():
            recognizer.recognize([Waveform(noise)])

    threads = [Thread(target=hear) for _ in range(n_threads)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


async def wait_for_nothing(n_ticks: int = N_IDLE_TICKS) -> Waits:
    """The event loop alone: how late it is whatever is looked for."""
    waits = Waits()
    for _ in range(n_ticks):
        await _tick(waits)
    return waits


def row_of(name: str, n_words: int, waits: Waits) -> tuple[str, ...]:
    found_ms = 1000 * np.array(waits.found_s)
    late_ms = 1000 * np.array(waits.late_s)
    cpu_ms = 1000 * np.median(waits.cpu_s)
    figures = (cpu_ms, *np.percentile(found_ms, (50, 95)), *np.percentile(late_ms, (95, 100)))
    return (name, str(n_words), *(f"{figure:.0f}" for figure in figures))


def row_of_nothing(name: str, waits: Waits) -> tuple[str, ...]:
    late_ms = 1000 * np.percentile(waits.late_s, (95, 100))
    return (name, *4 * ("-",), *(f"{figure:.0f}" for figure in late_ms))


def table_of(rows: Sequence[tuple[str, ...]]) -> Table:
    late = ("loop late, 95 % ms", "most ms")
    columns = ("Policies", "words", "CPU ms", "median ms", "95 % ms", *late)
    return Table("What the end of a live turn waits for its secrets", columns, rows)


def measure(words: Sequence[Word]) -> Table:
    store = open_models(load_settings())
    recognizer = load_recognizer("moonshine", store)
    tagging = build_tagger(require_encoder())
    kinds = {"by pattern": (None, BY_PATTERN), "all": (tagging, ALL_POLICIES)}
    rows = []
    for is_busy in (False, True):
        with busy(recognizer) if is_busy else nullcontext():
            alone = asyncio.run(wait_for_nothing())
        rows.append(row_of_nothing("none, recognizer busy" if is_busy else "none", alone))
        for name, (tagger, policies) in kinds.items():
            label = f"{name}, recognizer busy" if is_busy else name
            for n_words in TURN_WORDS:
                turns = list(islice(turns_of(words, n_words, policies), N_TURNS))
                cpu_s = cpu_of(turns[: N_TURNS // 4], tagger)  # the first reads lists
                shared = SharedSecrets(tagger)
                with busy(recognizer) if is_busy else nullcontext():
                    waits = asyncio.run(wait_for(shared.find_secrets, turns))
                shared.close()
                rows.append(row_of(label, n_words, replace(waits, cpu_s=cpu_s)))
    return table_of(rows)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.live_redaction", description=__doc__
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with text/*/*.jsonl")
    parser.add_argument("--write", action="store_true", help="put the table into the docs")
    options = parser.parse_args()
    load_before = load_average()
    table = measure(words_of_an_hour(options.data))
    run = describe_run(["benchmarks.live_redaction", *sys.argv[1:]], load_before)
    content = f"{run}\n\n{table.render()}"
    print(content)
    if options.write:
        write_section("live-redaction", content)


if __name__ == "__main__":
    main()
