import asyncio
import json
from typing import cast

from starlette.websockets import WebSocket, WebSocketDisconnect

from earshot.api.outbox import Outbox


class Socket:
    """Takes texts while its gate is open."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.gate = asyncio.Event()
        self.is_gone = False

    async def send_text(self, text: str) -> None:
        await self.gate.wait()
        if self.is_gone:
            raise WebSocketDisconnect(1006)
        self.sent.append(text)


class Sender:
    """An outbox over such a socket, and what became of it."""

    def __init__(self, max_waiting_bytes: int) -> None:
        self.socket = Socket()
        self.noted: list[str] = []
        self.outbox = Outbox(
            cast("WebSocket", self.socket),
            lambda: self.noted.append("overflow"),
            lambda: self.noted.append("gone"),
            max_waiting_bytes,
        )
        self.task = asyncio.ensure_future(self.outbox.run())


async def test_messages_go_out_in_their_order() -> None:
    sender = Sender(1000)
    sender.socket.gate.set()
    for number in range(5):
        sender.outbox.put({"n": number})
    await sender.outbox.drained()
    assert [json.loads(text)["n"] for text in sender.socket.sent] == [0, 1, 2, 3, 4]
    sender.task.cancel()


async def test_what_is_not_counted_may_be_longer_than_what_may_wait() -> None:
    sender = Sender(100)
    sender.outbox.put({"text": "x" * 1000}, is_counted=False)
    sender.outbox.put({"n": 1})
    sender.socket.gate.set()
    await sender.outbox.drained()
    assert sender.noted == []
    assert len(sender.socket.sent) == 2
    sender.task.cancel()


async def test_a_client_that_does_not_read_is_noticed_and_nothing_piles_up() -> None:
    sender = Sender(100)
    for _ in range(50):
        sender.outbox.put({"text": "x" * 20})
    assert sender.noted == ["overflow"]
    await sender.outbox.drained()
    sender.socket.gate.set()
    await sender.task
    assert len(sender.socket.sent) <= 1


async def test_a_client_that_is_gone_is_noticed_once() -> None:
    sender = Sender(1000)
    sender.socket.is_gone = True
    sender.socket.gate.set()
    sender.outbox.put({})
    await sender.task
    sender.outbox.put({})
    assert sender.noted == ["gone"]
