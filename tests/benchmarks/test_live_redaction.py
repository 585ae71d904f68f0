"""What the ends of live turns wait for."""

import time
from concurrent.futures import Future
from itertools import islice

import pytest

from benchmarks.live_redaction import (
    BY_PATTERN,
    TICK_S,
    Waits,
    busy,
    cpu_of,
    row_of,
    row_of_nothing,
    table_of,
    turns_of,
    wait_for,
    wait_for_nothing,
)
from earshot.streaming.events import SecretsWanted
from earshot.streaming.redacted_session import CONTEXT_WORDS
from earshot.streaming.redaction import TurnSecrets
from earshot.testing import ScriptedRecognizer
from earshot.transcript.words import Word

WORDS = tuple(Word(f"word{n}", 400 * n, 400 * n + 400, 1.0) for n in range(400))


def found(_: SecretsWanted) -> "Future[TurnSecrets]":
    answer: Future[TurnSecrets] = Future()
    answer.set_result(TurnSecrets(()))
    return answer


def test_turns_follow_their_context_and_are_read_in_two_forms() -> None:
    first, second = islice(turns_of(WORDS, 5, BY_PATTERN), 2)
    assert first.spoken.before == WORDS[:CONTEXT_WORDS]
    assert first.spoken.words == WORDS[CONTEXT_WORDS : CONTEXT_WORDS + 5]
    assert first.written != first.spoken
    assert second.spoken.words[0].start_ms > first.spoken.words[-1].start_ms


async def test_every_turn_is_waited_for() -> None:
    turns = list(islice(turns_of(WORDS, 5, BY_PATTERN), 3))
    waits = await wait_for(found, turns)
    assert len(waits.found_s) == 3


async def test_whatever_holds_up_the_loop_is_seen() -> None:
    def find(wanted: SecretsWanted) -> "Future[TurnSecrets]":
        time.sleep(30 * TICK_S)  # as if it were done on the loop
        return found(wanted)

    turns = list(islice(turns_of(WORDS, 5, BY_PATTERN), 4))
    waits = await wait_for(find, turns)
    assert min(waits.found_s) >= 30 * TICK_S
    assert max(waits.late_s) >= 20 * TICK_S


def test_each_turn_takes_processor_time_of_its_own() -> None:
    turns = list(islice(turns_of(WORDS, 5, BY_PATTERN), 2))
    taken = cpu_of(turns, None)
    assert len(taken) == 2
    assert min(taken) > 0


async def test_the_loop_alone_is_late_too() -> None:
    waits = await wait_for_nothing(n_ticks=5)
    assert len(waits.late_s) == 5
    assert waits.found_s == []
    assert row_of_nothing("none", waits)[:3] == ("none", "-", "-")


def test_the_recognizer_is_busy_until_the_block_ends() -> None:
    with busy(ScriptedRecognizer(), n_threads=1):
        pass
    with pytest.raises(OSError, match="as it was"), busy(ScriptedRecognizer(), n_threads=1):
        raise OSError("as it was")


def test_a_row_has_the_median_and_the_worst() -> None:
    waits = Waits([0.010, 0.020, 0.030], [0.0, 0.004], [0.005])
    row = row_of("all", 20, waits)
    assert row[:4] == ("all", "20", "5", "20")
    assert row[-1] == "4"
    assert len(table_of([row]).columns) == len(row) == len(row_of_nothing("none", waits))
