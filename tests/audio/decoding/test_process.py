import io
import json
import socket
from collections.abc import Callable
from typing import BinaryIO, cast

import pytest

from earshot.audio.decoding.process import answer, warm_up
from earshot.audio.decoding.protocol import (
    DecodeRequest,
    Message,
    MessageKind,
    receive_message,
)

Make = Callable[..., bytes]
REQUEST = DecodeRequest(
    is_mixed=True,
    start_ms=0,
    end_ms=None,
    max_duration_ms=10_000,
    max_channel_ms=10_000,
    max_cpu_s=10,
)


class FailingFile:
    """A file whose reading fails."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(self, n_bytes: int = -1) -> bytes:
        del n_bytes
        raise self._error


def messages_about(media: BinaryIO) -> list[Message]:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            answer(theirs, media, REQUEST)
        messages = []
        while True:
            try:
                messages.append(receive_message(ours))
            except EOFError:
                return messages


def test_audio_is_answered_with_info_blocks_and_an_end(tone: Make, wav: Make) -> None:
    messages = messages_about(io.BytesIO(wav(tone(2.5, 16000), 16000)))

    assert [message.kind for message in messages] == [
        MessageKind.INFO,
        *[MessageKind.BLOCK] * 3,
        MessageKind.END,
    ]
    assert json.loads(messages[0].payload)["n_channels"] == 1
    assert sum(len(message.payload) for message in messages[1:-1]) == 2 * 40_000
    assert json.loads(messages[-1].payload) == []


@pytest.mark.parametrize(
    ("error", "reason"), [(MemoryError(), "unreadable"), (ZeroDivisionError(), "internal")]
)
def test_what_goes_wrong_is_a_failure_with_a_reason(error: Exception, reason: str) -> None:
    media = cast("BinaryIO", FailingFile(error))

    (message,) = messages_about(media)

    assert message.kind == MessageKind.FAILURE
    assert json.loads(message.payload)["reason"] == reason


def test_media_that_is_refused_is_a_failure_with_a_note() -> None:
    (message,) = messages_about(io.BytesIO(b"\x01\x02\x03\x04" * 500))

    assert json.loads(message.payload)["reason"] == "unreadable"
    assert "no audio format" in json.loads(message.payload)["note"]


def test_a_parent_that_is_gone_is_not_worth_a_report(tone: Make, wav: Make) -> None:
    ours, theirs = socket.socketpair()
    ours.close()
    with theirs, pytest.raises(ConnectionError):
        answer(theirs, io.BytesIO(wav(tone(1, 16000), 16000)), REQUEST)


def test_warming_up_needs_nothing() -> None:
    warm_up()
