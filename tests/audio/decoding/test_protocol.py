import socket

import pytest

from earshot.audio.decoding.protocol import (
    HEADER,
    MAX_PAYLOAD_BYTES,
    MAX_REQUEST_BYTES,
    DecodeRequest,
    MessageInvalid,
    MessageKind,
    receive_message,
    send_message,
)


def request() -> DecodeRequest:
    return DecodeRequest(
        is_mixed=True,
        start_ms=5,
        end_ms=None,
        max_duration_ms=36_000_000,
        max_channel_ms=288_000_000,
        max_cpu_s=100,
    )


def test_a_request_survives_the_round_trip_and_fits() -> None:
    payload = request().to_json()

    assert DecodeRequest.from_json(payload) == request()
    assert len(payload) <= MAX_REQUEST_BYTES


def test_messages_arrive_whole_and_in_order() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send_message(ours, MessageKind.BLOCK, b"\x01\x02" * 1000)
        send_message(ours, MessageKind.END, b"")

        assert receive_message(theirs) == (MessageKind.BLOCK, b"\x01\x02" * 1000)
        assert receive_message(theirs) == (MessageKind.END, b"")


def test_an_end_within_a_message_is_an_end() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        with ours:
            ours.sendall(HEADER.pack(MessageKind.BLOCK, 10) + b"abc")

        with pytest.raises(EOFError):
            receive_message(theirs)


@pytest.mark.parametrize(
    ("kind", "n_bytes"),
    [(0, 0), (77, 0), (MessageKind.BLOCK, MAX_PAYLOAD_BYTES + 1), (MessageKind.END, 2**32 - 1)],
)
def test_an_unknown_kind_or_a_huge_length_is_refused_before_it_is_read(
    kind: int, n_bytes: int
) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(HEADER.pack(kind, n_bytes))

        with pytest.raises(MessageInvalid):
            receive_message(theirs)
