"""Audio that comes faster than people speak: nobody who speaks has to wait for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class CatchingUp:
    """Sessions that are ahead of time take turns at the event loop, and leave half of it to others.

    To be used on one event loop.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()  # first come, first served

    @asynccontextmanager
    async def turn(self, *, is_ahead: bool) -> AsyncIterator[None]:
        """Do something that holds the event loop; one who is not ahead waits for nobody."""
        if not is_ahead:
            yield
            return
        async with self._turn:
            loop = asyncio.get_running_loop()
            began_s = loop.time()
            yield
            await asyncio.sleep(loop.time() - began_s)
