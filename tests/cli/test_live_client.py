import io
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from rich.console import Console
from websockets.sync.server import ServerConnection, serve

from earshot.cli.live_client import CHUNK_BYTES, LatencyLog, LiveClient, Screen, paced, rechunked
from earshot.errors import AudioUnreadable, LiveSessionRefused, NoAnswer


@contextmanager
def served(hold: Callable[[ServerConnection], None]) -> Iterator[str]:
    """The URL of a server that holds its sessions so, from `Begin` on."""

    def begin(connection: ServerConnection) -> None:
        connection.send(json.dumps({"type": "Begin"}))
        hold(connection)

    with serve(begin, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()
        thread.join()


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


def test_speakers_are_shown_before_their_turns_and_once_more_where_they_were_revised() -> None:
    ended = {"end_of_turn": True, "turn_is_formatted": True}
    shown = io.StringIO()
    with Screen(Console(file=shown)) as screen:
        screen.show(turn(("One.", 500, True), speaker_label="UNKNOWN", **ended))
        screen.show(turn(("Two.", 900, True), speaker_label="A", **ended))
        revised = {"turn_order": 0, "speaker_label": "A", "words": [{"text": "One."}]}
        screen.show({"type": "SpeakerRevision", "revisions": [revised]})
    assert shown.getvalue() == "UNKNOWN: One.\nA: Two.\nturn 1 was A: One.\n"


def test_where_no_server_listens_the_address_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(NoAnswer, match=url.replace("http", "ws")):
        LiveClient(url, "key", {}).hold(iter([]), lambda _turn: None)


def test_what_is_no_url_is_named() -> None:
    with pytest.raises(NoAnswer, match="localhost is no URL of a server"):
        LiveClient("localhost", "key", {}).hold(iter([]), lambda _turn: None)


def test_what_a_server_refuses_is_told_without_the_words_of_its_library() -> None:
    def refuse(connection: ServerConnection) -> None:
        said = "Invalid 'keyterms_prompt': Value error, Max 100 items"
        connection.send(json.dumps({"type": "Error", "error": said}))

    with (
        served(refuse) as url,
        pytest.raises(LiveSessionRefused, match=r"^Invalid 'keyterms_prompt': Max 100 items$"),
    ):
        LiveClient(url, "key", {}).hold(iter([]), lambda _turn: None)


def test_audio_that_cannot_be_read_ends_the_session_and_is_told() -> None:
    def chunks() -> Iterator[bytes]:
        yield bytes(CHUNK_BYTES)
        raise AudioUnreadable("text")

    with (
        served(lambda connection: list(connection).clear()) as url,
        pytest.raises(AudioUnreadable, match="text"),
    ):
        LiveClient(url, "key", {}).hold(chunks(), lambda _turn: None)


def test_the_first_sample_was_spoken_a_chunk_before_the_first_chunk_was_sent() -> None:
    def hold(connection: ServerConnection) -> None:
        connection.recv()
        connection.recv()

    began_s = time.monotonic()
    with served(hold) as url:
        client = LiveClient(url, "key", {})
        client.hold(iter([bytes(10 * CHUNK_BYTES)]), lambda _turn: None)
        sent_s = time.monotonic()
    assert client.latency.began_s is not None
    assert began_s - 1.0 < client.latency.began_s < sent_s - 1.0
