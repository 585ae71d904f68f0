import io
import socket
from typing import Any

import pytest
from rich.console import Console

from earshot.cli.live_client import CHUNK_BYTES, LatencyLog, LiveClient, Screen, paced, rechunked
from earshot.errors import NoAnswer


def turn(*words: tuple[str, int, bool], **changes: object) -> dict[str, Any]:
    told = [{"text": text, "end": end, "word_is_final": final} for text, end, final in words]
    ended = {"turn_order": 0, "end_of_turn": False, "turn_is_formatted": False, "words": told}
    return {**ended, **changes}


def test_latency_counts_from_the_end_of_each_word_once() -> None:
    log = LatencyLog(began_s=10.0)
    log.note(turn(("one", 500, False)), 10.8)
    log.note(turn(("one", 500, True), ("two", 1000, False)), 11.2)
    log.note(turn(("one", 500, True), ("two", 1000, True)), 11.6)
    assert log.summary() == (
        "2 words; half of them shown within 250 ms of being spoken, and final within 650 ms"
    )


def test_without_words_or_audio_there_is_nothing_to_sum_up() -> None:
    log = LatencyLog()
    log.note(turn(("one", 500, True)), 10.8)
    assert log.summary() == ""


def test_pieces_of_any_size_become_chunks_of_100_ms() -> None:
    pieces = [bytes([n % 256]) * n for n in (1, 5000, 0, 3200, 77)]
    chunks = list(rechunked(iter(pieces)))
    assert b"".join(chunks) == b"".join(pieces)
    assert {len(chunk) for chunk in chunks[:-1]} == {CHUNK_BYTES}


def test_a_chunk_is_sent_when_its_last_sample_would_have_been_spoken() -> None:
    now_s = [0.0]
    waits: list[float] = []

    def wait(duration_s: float) -> None:
        waits.append(round(duration_s, 6))
        now_s[0] += duration_s + 0.03  # something else takes time, too

    list(paced(iter([bytes(3 * CHUNK_BYTES)]), lambda: now_s[0], wait))
    assert waits == [0.1, 0.07, 0.07]


def test_only_turns_that_have_ended_are_shown_where_there_is_no_terminal() -> None:
    shown = io.StringIO()
    with Screen(Console(file=shown)) as screen:
        screen.show(turn(("one", 500, False)))
        screen.show(turn(("one", 500, True), end_of_turn=True))
        screen.show(turn(("One.", 500, True), end_of_turn=True, turn_is_formatted=True))
    assert shown.getvalue() == "One.\n"


def test_where_no_server_listens_the_address_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(NoAnswer, match=url.replace("http", "ws")):
        LiveClient(url, "key", {}).hold(iter([]), lambda _turn: None)
