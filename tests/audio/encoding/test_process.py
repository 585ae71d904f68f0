import io
import json
import socket

import av
import pytest

from earshot.audio.decoding.child import DecoderChild
from earshot.audio.decoding.protocol import (
    POSITION,
    Message,
    MessageKind,
    receive_message,
    send_message,
)
from earshot.audio.encoding.process import ForwardedFile, answer, warm_up

MODULE = "earshot.audio.encoding.process"
PCM = bytes(2 * 16_000)


def converse(form: str, n_channels: int, *chunks: bytes) -> list[Message]:
    """Everything that is said to these chunks and the end of them."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for stream in (ours, theirs):
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        for chunk in chunks:
            send_message(ours, MessageKind.CHUNK, chunk)
        send_message(ours, MessageKind.FINISH, b"")
        answer(theirs, form, n_channels)
        messages: list[Message] = []
        n_done = 0
        while n_done <= len(chunks):
            messages.append(receive_message(ours))
            n_done += messages[-1].kind == MessageKind.DONE
            if messages[-1].kind == MessageKind.FAILURE:
                break
        return messages


def written(messages: list[Message]) -> bytes:
    file = io.BytesIO()
    for kind, payload in messages:
        if kind == MessageKind.PROGRESS:
            file.seek(POSITION.unpack(payload)[0])
        elif kind == MessageKind.BLOCK:
            file.write(payload)
    return file.getvalue()


class Ledger:
    """The other end of a connection that only listens."""

    def __init__(self) -> None:
        self.said: list[bytes] = []

    def sendall(self, data: bytes, /) -> None:
        self.said.append(data)

    def recv_into(self, buffer: memoryview, /) -> int:
        raise NotImplementedError(buffer)


def test_a_file_that_is_written_elsewhere_knows_where_it_is() -> None:
    file = ForwardedFile(Ledger())
    assert file.write(b"abcdef") == 6
    assert file.seek(2) == 2
    assert file.write(b"x") == 1
    assert file.tell() == 3
    assert file.seek(-1, 1) == 2
    assert file.seek(0, 2) == 6


@pytest.mark.parametrize(("form", "codec"), [("mp3", "mp3float"), ("wav", "pcm_s16le")])
def test_what_is_said_makes_a_file_of_that_form(form: str, codec: str) -> None:
    media = written(converse(form, 1, PCM, PCM))
    with av.open(io.BytesIO(media), "r") as container:
        stream = container.streams.audio[0]
        assert stream.codec_context.name == codec
        assert (stream.rate, stream.channels) == (16_000, 1)
        n_samples = sum(frame.samples for frame in container.decode(stream))
    assert n_samples == pytest.approx(32_000, abs=1_200)  # the decoder's own delay at most


def test_what_cannot_be_encoded_is_a_failure() -> None:
    messages = converse("flv", 1, PCM)
    assert messages[-1].kind == MessageKind.FAILURE
    assert json.loads(messages[-1].payload)["reason"] == "internal"


def test_getting_ready_tells_nobody_anything() -> None:
    warm_up("mp3", 2)


def test_a_confined_child_encodes_chunk_after_chunk_and_ends() -> None:
    child = DecoderChild("wav", "2", "60", module=MODULE, max_memory_bytes=512 * 2**20)
    try:
        denied = json.loads(child.listen(timeout_s=30).payload)
        assert {"file_writes", "address_space"} <= set(denied)
        for kind, payload in ((MessageKind.CHUNK, PCM), (MessageKind.FINISH, b"")):
            child.say(kind, payload, timeout_s=30)
            while child.listen(timeout_s=30).kind != MessageKind.DONE:
                pass
        with pytest.raises(EOFError):
            child.listen(timeout_s=30)
    finally:
        child.stop()
