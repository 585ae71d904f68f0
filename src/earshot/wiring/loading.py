"""What is loaded once in a process, beside those who wait for it."""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")


class LoadedOnce(Generic[T]):
    """Loads on a thread of its own when it is first asked; where that fails, the next ask tries."""

    def __init__(self, name: str, load: Callable[[], T]) -> None:
        """`name` stands in the log."""
        self._name = name
        self._load = load
        self._lock = Lock()
        self._loading: Future[T] | None = None
        self._loader: Thread | None = None

    def get(self) -> "Future[T]":
        """What is loaded, once it is; never cancelled."""
        with self._lock:
            if self._loading is None or (self._loading.done() and self._loading.exception()):
                self._loading = Future()
                self._loading.set_running_or_notify_cancel()  # from here on nobody can cancel it
                arguments = (self._loading,)
                self._loader = Thread(
                    target=self._fill, args=arguments, name=f"load-{self._name}", daemon=True
                )
                self._loader.start()
            return self._loading

    def join(self) -> None:
        """Wait for what is being loaded, if anything is."""
        with self._lock:
            loader = self._loader
        if loader is not None:
            loader.join()

    def _fill(self, loading: "Future[T]") -> None:
        try:
            loading.set_result(self._load())
            logger.info("live_part_loaded", extra={"part": self._name})
        except Exception as error:
            logger.exception("live_part_failed", extra={"part": self._name})
            loading.set_exception(error)
