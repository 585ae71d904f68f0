"""Somebody who asks, and leaves while a language model thinks about it."""

import asyncio
import json
from typing import Any

from starlette.types import ASGIApp

from tests.llm.server import Reply

PATIENCE_S = 20  # the model takes three times as long


class Leaver:
    """To be made on the event loop on which it asks."""

    def __init__(self, path: str, body: dict[str, Any], key: str) -> None:
        self.sent: list[Any] = []
        """What was answered all the same."""
        self._loop = asyncio.get_running_loop()
        self._leaves = asyncio.Event()
        self._messages = [{"type": "http.request", "body": json.dumps(body).encode()}]
        self._scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "query_string": b"",
            "headers": [(b"authorization", key.encode())],
        }

    def think(self, _asked: dict[str, Any]) -> Reply:
        """The reply of a model that is asked: it comes in a minute."""
        self._loop.call_soon_threadsafe(self._leaves.set)
        return Reply("Late.", holds_s=60)

    async def ask(self, app: ASGIApp) -> None:
        """TimeoutError where the server goes on with it."""
        await asyncio.wait_for(app(self._scope, self._receive, self._send), PATIENCE_S)

    async def _receive(self) -> dict[str, Any]:
        if self._messages:
            return self._messages.pop()
        await self._leaves.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:  # noqa: ANN401 - any message of ASGI
        self.sent.append(message)
