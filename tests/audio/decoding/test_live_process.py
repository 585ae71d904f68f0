import json
import socket
from collections.abc import Iterator

import pytest
from typing_extensions import override

from earshot.audio.decoding.child import DecoderChild
from earshot.audio.decoding.live_process import answer
from earshot.audio.decoding.live_stream import OpusPackets
from earshot.audio.decoding.protocol import (
    ByteStream,
    Message,
    MessageKind,
    receive_message,
    send_message,
)
from earshot.testing import tone
from tests.compressed import compress

MODULE = "earshot.audio.decoding.live_process"
CHUNK_MS = 2500


class Scripted(OpusPackets):
    """Makes so many bytes of PCM, or a failure, of every piece."""

    def __init__(self, made: int | Exception) -> None:
        super().__init__()
        self._made = made

    @override
    def _decode(self, piece: bytes) -> Iterator[bytes]:
        if isinstance(self._made, Exception):
            raise self._made
        yield bytes(self._made)


def answers(made: int | Exception) -> list[Message]:
    """What one chunk is answered with."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        send_message(ours, MessageKind.CHUNK, b"x")
        send_message(ours, MessageKind.FINISH, b"")
        answer(theirs, Scripted(made))
        messages = [receive_message(ours)]
        while messages[-1].kind == MessageKind.BLOCK:
            messages.append(receive_message(ours))
        return messages


def test_a_chunk_is_answered_in_blocks_of_a_second_and_the_rest() -> None:
    found = [(kind, len(payload)) for kind, payload in answers(70_000)]
    assert found == [
        (MessageKind.BLOCK, 32_000),
        (MessageKind.BLOCK, 32_000),
        (MessageKind.DONE, 6_000),
    ]


@pytest.mark.parametrize(
    ("error", "reason"), [(MemoryError(), "unreadable"), (ZeroDivisionError(), "internal")]
)
def test_what_goes_wrong_is_a_failure_with_a_reason(error: Exception, reason: str) -> None:
    (message,) = answers(error)
    assert message.kind == MessageKind.FAILURE
    assert json.loads(message.payload)["reason"] == reason


def test_a_parent_that_is_gone_is_not_worth_a_report() -> None:
    ours, theirs = socket.socketpair()
    ours.close()
    with theirs, pytest.raises((ConnectionError, EOFError)):
        answer(theirs, OpusPackets())


class _Ends:
    """The parent's end as the protocol sees it."""

    def __init__(self, child: DecoderChild) -> None:
        self.stream: socket.socket = child.connection()
        self.stream.settimeout(30)

    def ask(self, kind: int, payload: bytes) -> Message:
        stream: ByteStream = self.stream
        send_message(stream, kind, payload)
        return receive_message(stream)


def test_a_confined_child_decodes_chunk_after_chunk_and_ends() -> None:
    child = DecoderChild("opus", "60", module=MODULE, max_memory_bytes=512 * 2**20)
    ends = _Ends(child)
    try:
        denied = json.loads(child.listen(timeout_s=30).payload)
        assert {"file_writes", "address_space"} <= set(denied)
        n_bytes = 0
        for packet in compress("opus", tone(CHUNK_MS)):
            kind, payload = ends.ask(MessageKind.CHUNK, packet)
            assert kind == MessageKind.DONE
            n_bytes += len(payload)
        n_bytes += len(ends.ask(MessageKind.FINISH, b"").payload)
        assert n_bytes >= 2 * 16 * CHUNK_MS
        with pytest.raises(EOFError):
            receive_message(ends.stream)
    finally:
        ends.stream.close()
        child.stop()


def test_a_child_whose_parent_lets_go_ends_by_itself() -> None:
    child = DecoderChild("aac", "60", module=MODULE, max_memory_bytes=512 * 2**20)
    child.listen(timeout_s=30)
    child._stream.close()
    assert child._process.wait(30) == 0
