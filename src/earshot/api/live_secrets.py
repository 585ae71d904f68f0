"""What one session asks to be looked for secrets."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future

from earshot.api.live_services import Secrets
from earshot.streaming.events import SecretsWanted
from earshot.streaming.redaction import TurnSecrets


class SecretRequests:
    """Hands on what a session wants to be looked for secrets, and hands back what is found.

    A turn waits for that for as long as it takes: it is not told otherwise. To be used on one event
    loop.
    """

    def __init__(
        self,
        secrets: Secrets,
        give: Callable[[int, TurnSecrets], None],
        fail: Callable[[BaseException], None],
    ) -> None:
        self._secrets = secrets
        self._give = give
        self._fail = fail
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[int, Future[TurnSecrets]] = {}

    def ask(self, wanted: SecretsWanted) -> None:
        answer = self._secrets.find_secrets(wanted)
        self._waiting[wanted.request_id] = answer
        answer.add_done_callback(lambda answer: self._call_back(wanted.request_id, answer))

    def close(self) -> None:
        """Give up what is under way."""
        waiting, self._waiting = self._waiting, {}
        for answer in waiting.values():
            answer.cancel()

    def _call_back(self, request_id: int, answer: "Future[TurnSecrets]") -> None:
        """From the thread that found them to the event loop, if that still runs."""
        if not answer.cancelled() and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._take, request_id)

    def _take(self, request_id: int) -> None:
        answer = self._waiting.pop(request_id, None)
        if answer is None:
            return
        failure = answer.exception()
        if failure is not None:
            self._fail(failure)
        else:
            self._give(request_id, answer.result())
