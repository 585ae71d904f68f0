"""Live sessions of a real server process, over bare WebSockets, with real speech."""

import json
import signal
import socket as sockets
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from earshot.audio.waveform import SAMPLE_RATE, Samples, pcm16_from_samples
from earshot.models.store import ModelStore
from earshot.storage.database import open_database, reading
from earshot.storage.live_sessions import STILL_OPEN, LiveSessionRow, find_live_session
from tests.compressed import compress
from tests.processes import Installation, Server, until
from tests.receiver import Receiver

CHUNK_SAMPLES = SAMPLE_RATE // 10
PULLED = Path(sys.prefix) / "models"  # where ./check puts what is not in the wheel
OPENING = "it was the best of times it was the worst of times"

Message = dict[str, Any]
Install = Callable[..., Installation]


@contextmanager
def session(server: Server, key: str, **query: object) -> Iterator[ClientConnection]:
    parameters = "&".join(f"{name}={value}" for name, value in query.items())
    url = server.url.replace("http", "ws", 1) + f"/v3/ws?{parameters}"
    with connect(url, additional_headers={"Authorization": key}) as opened:
        yield opened


def play(opened: ClientConnection, samples: Samples, *, pace: float = 1.0) -> None:
    """Send the samples, as fast as they were spoken, or so many times faster."""
    due_s = time.monotonic()
    for start in range(0, len(samples), CHUNK_SAMPLES):
        opened.send(pcm16_from_samples(samples[start : start + CHUNK_SAMPLES]))
        due_s += CHUNK_SAMPLES / SAMPLE_RATE / pace
        time.sleep(max(0.0, due_s - time.monotonic()))


def read_all(opened: ClientConnection) -> list[Message]:
    """Whatever is told until the server closes."""
    messages = []
    try:
        while True:
            messages.append(json.loads(opened.recv(60)))
    except ConnectionClosed:
        return messages


def said(messages: list[Message]) -> str:
    return " ".join(
        message["transcript"]
        for message in messages
        if message["type"] == "Turn" and message["end_of_turn"]
    )


def closed(opened: ClientConnection) -> tuple[int | None, str | None]:
    return opened.close_code, opened.close_reason


@pytest.mark.slow
@pytest.mark.alone
def test_words_come_while_they_are_spoken(install: Install, two_cities: Samples) -> None:
    installation = install()
    server = installation.serve("--role", "live")
    with session(server, installation.key) as opened:
        # The models are still loading: nothing of what is said meanwhile is lost.
        play(opened, two_cities[: 9 * SAMPLE_RATE])
        opened.send('{"type":"Terminate"}')
        messages = read_all(opened)
    assert messages[0]["type"] == "Begin"
    assert messages[-1]["type"] == "Termination"
    assert messages[-1]["audio_duration_seconds"] == 9
    assert said(messages).startswith(OPENING)
    assert sum(message["type"] == "Turn" for message in messages) > 5
    assert closed(opened) == (1000, "Session Ended")


@pytest.mark.slow
@pytest.mark.alone
def test_turns_are_told_without_what_is_to_be_hidden_and_names_are_among_that(
    tmp_path: Path, two_cities: Samples
) -> None:
    if not ModelStore(PULLED).is_present("minilm"):
        pytest.skip("the text encoder is not installed")
    policies = quote('["person_name", "date_interval"]')
    with closing(Installation(tmp_path / "with-names", PULLED)) as installation:
        server = installation.serve("--role", "live")
        query = {"redact_pii": "true", "redact_pii_policies": policies, "format_turns": "true"}
        with session(server, installation.key, **query) as opened:
            play(opened, two_cities, pace=4)
            opened.send('{"type":"Terminate"}')
            messages = read_all(opened)
    assert messages[0]["configuration"]["redact_pii"] is True
    turns = [message for message in messages if message["type"] == "Turn"]
    assert turns
    assert all(turn["end_of_turn"] for turn in turns)
    assert said(messages).startswith(OPENING)
    told = json.dumps(messages).lower()
    assert "###" in told
    # "It was the spring of hope, it was the winter of despair."
    assert "hope" in told
    assert "spring" not in told
    assert "winter" not in told
    assert closed(opened) == (1000, "Session Ended")


@pytest.mark.slow
def test_without_the_model_of_names_a_session_that_hides_them_is_refused(install: Install) -> None:
    installation = install()
    server = installation.serve("--role", "live")
    query = {"redact_pii": "true", "redact_pii_policies": "person_name"}
    with session(server, installation.key, **query) as opened:
        (refusal,) = read_all(opened)
    assert "earshot models pull minilm" in refusal["error"]
    assert closed(opened)[0] == 3006


@pytest.mark.slow
@pytest.mark.alone
def test_two_who_read_one_after_the_other_are_told_apart(
    install: Install, two_cities: Samples, another_reader: Samples
) -> None:
    installation = install()
    server = installation.serve("--role", "live")
    pause = np.zeros(4 * SAMPLE_RATE, dtype=np.float32)
    meeting = np.concatenate([two_cities[: 8 * SAMPLE_RATE], pause, another_reader, pause])
    with session(server, installation.key, speaker_labels="true") as opened:
        play(opened, meeting)
        opened.send('{"type":"Terminate"}')
        messages = read_all(opened)
    labels = {m["turn_order"]: m["speaker_label"] for m in messages if m.get("end_of_turn")}
    # A machine that is busy with much else comes to the voices of a turn too late, says so, and
    # tells them at the end.
    for message in messages:
        for revision in message.get("revisions", []):
            labels[revision["turn_order"]] = revision["speaker_label"]
    assert messages[0]["configuration"]["speaker_labels"] is True
    readers = [labels[0], labels[max(labels)]]
    assert set(readers) == {"A", "B"}
    assert closed(opened) == (1000, "Session Ended")


@pytest.mark.slow
def test_a_client_that_vanishes_leaves_a_webhook_with_what_it_said(
    install: Install, two_cities: Samples, receiver: Receiver
) -> None:
    installation = install()
    server = installation.serve()
    server.await_ready()
    query = {"webhook_url": f"{receiver.url}/said", "format_turns": "true"}
    with session(server, installation.key, **query) as opened:
        session_id = json.loads(opened.recv())["id"]
        play(opened, two_cities[: 4 * SAMPLE_RATE], pace=8)
        # Closed without a word, as by a phone in a tunnel.
        opened.socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, struct.pack("ii", 1, 0))
        opened.socket.close()
    post = receiver.await_post("/said")
    body = json.loads(post.body)
    assert body["session_id"] == session_id
    assert body["messages"][0]["transcript"].startswith("It was the best of times")
    assert "webhook-signature" in {name.lower() for name in post.headers}


@pytest.mark.slow
@pytest.mark.alone
def test_a_killed_server_loses_seconds_of_usage_and_no_webhook(
    install: Install, two_cities: Samples, receiver: Receiver, database_url: str
) -> None:
    installation = install(EARSHOT_DATABASE_URL=database_url)
    server = installation.serve()
    server.await_ready()
    with session(server, installation.key, webhook_url=f"{receiver.url}/said") as opened:
        session_id = json.loads(opened.recv())["id"]
        play(opened, two_cities[: 9 * SAMPLE_RATE], pace=8)
        (row,) = until(lambda: noted_session(database_url, session_id), "it is written down")
        server.kill()
        read_all(opened)
    assert row.close_code == STILL_OPEN
    # Two that start at the same time, for all they know.
    installation.serve("--role", "live")
    again = installation.serve()
    post = receiver.await_post("/said")
    body = json.loads(post.body)
    assert body["session_id"] == session_id
    assert body["messages"][0]["transcript"].startswith("it was the best of times")
    (ended,) = until(
        lambda: noted_session(database_url, session_id, is_told=True), "the webhook is recorded"
    )
    assert (ended.close_code, ended.audio_ms) == (1006, 9_000)
    again.await_ready()
    assert [post.path for post in receiver.posts] == ["/said"]


def noted_session(
    database_url: str, session_id: str, *, is_told: bool = False
) -> list[LiveSessionRow]:
    """What is stored of the session, once its audio is in it, or its webhook is delivered."""
    engine = open_database(database_url)
    try:
        with reading(engine) as conn:
            row = find_live_session(conn, session_id)
    finally:
        engine.dispose()
    if row is None or row.audio_ms == 0 or (row.webhook_body is None) != is_told:
        return []
    return [row]


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["opus", "ogg_opus", "aac"])
def test_compressed_audio_is_heard_by_a_process_that_ends_with_its_session(
    install: Install, two_cities: Samples, encoding: str
) -> None:
    installation = install()
    server = installation.serve("--role", "live")
    server.await_ready()
    others = set(server.children())  # they wait for recordings
    with session(server, installation.key, encoding=encoding) as opened:
        for piece in compress(encoding, two_cities[: 9 * SAMPLE_RATE]):
            opened.send(piece)
        (decoder,) = until(lambda: set(server.children()) - others, "a decoder is at work")
        opened.send('{"type":"Terminate"}')
        messages = read_all(opened)
    assert said(messages).startswith(OPENING)
    assert closed(opened) == (1000, "Session Ended")
    until(lambda: decoder not in server.children(), "the decoder has ended")


@pytest.mark.slow
@pytest.mark.alone
def test_a_server_that_is_told_to_stop_lets_everyone_finish(
    install: Install, two_cities: Samples
) -> None:
    installation = install()
    server = installation.serve("--role", "live")
    server.await_ready()
    with session(server, installation.key) as opened:
        play(opened, two_cities[: 3 * SAMPLE_RATE], pace=4)
        server.send(signal.SIGTERM)
        messages = read_all(opened)
    assert said(messages).startswith("it was the best of times")
    assert messages[-1]["type"] == "Termination"
    assert closed(opened) == (1001, "The server is shutting down")
    assert server.end() == 0


@pytest.mark.slow
def test_a_server_that_is_told_to_stop_while_it_loads_models_ends_well(tmp_path: Path) -> None:
    models = tmp_path / "models"  # empty: the first load derives graphs, for some seconds
    with closing(Installation(tmp_path / "server", models)) as installation:
        server = installation.serve("--role", "live")
        until(lambda: list(models.glob("*/derived/.*")), "a graph is being derived")
        assert server.end() == 0
    assert [path.name for path in models.glob("*/derived/.*")] == []


@pytest.mark.slow
@pytest.mark.alone
def test_a_client_that_does_not_read_hurts_nobody(install: Install, two_cities: Samples) -> None:
    installation = install()
    server = installation.serve("--role", "live")
    server.await_ready()
    with session(server, installation.key) as deaf, session(server, installation.key) as other:
        deaf.recv()
        play(deaf, two_cities[: 20 * SAMPLE_RATE], pace=20)
        play(other, two_cities[: 3 * SAMPLE_RATE], pace=2)
        other.send('{"type":"Terminate"}')
        assert said(read_all(other)).startswith("it was the best of times")
        deaf.socket.close()
    until(lambda: server.log.count("live_session_ended") == 2, "both sessions end")


@pytest.mark.slow
def test_a_process_of_the_api_role_says_that_it_takes_no_sessions(install: Install) -> None:
    installation = install()
    server = installation.serve("--role", "api")
    with session(server, installation.key) as opened:
        (message,) = read_all(opened)
    assert message["error"] == "Session Cancelled: This server takes no live sessions"
    assert closed(opened)[0] == 3005


@pytest.mark.slow
def test_a_wrong_key_is_told_after_the_handshake(install: Install) -> None:
    installation = install()
    server = installation.serve("--role", "live")
    with session(server, "wrong") as opened:
        (message,) = read_all(opened)
    assert message["error"] == "Unauthorized Connection: Invalid API key"
    assert closed(opened) == (1008, "Unauthorized Connection: Invalid API key")
    until(lambda: server.is_running, "the server goes on")


@pytest.mark.slow
def test_a_message_larger_than_any_chunk_ends_the_connection(install: Install) -> None:
    installation = install()
    server = installation.serve("--role", "live")
    with session(server, installation.key) as opened:
        opened.send(bytes(2**20 + 2))
        read_all(opened)
    assert closed(opened)[0] == 1009
