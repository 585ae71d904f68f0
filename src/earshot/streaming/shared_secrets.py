"""What finds secrets for all live sessions of a process, beside the recognizer."""

from concurrent.futures import Future, ThreadPoolExecutor

from earshot.streaming.events import SecretsWanted
from earshot.streaming.redaction import TurnSecrets, find_turn_secrets
from earshot.understanding.entities.candidates import Tagger

# A long turn of one session then holds up none of another.
N_THREADS = 2


class SharedSecrets:
    """Answers requests in their order, on threads of its own.

    Without a tagger it finds nothing of what has no form, and is not to be asked for that.
    """

    def __init__(self, tagger: Tagger | None = None) -> None:
        self._tagger = tagger
        self._pool = ThreadPoolExecutor(N_THREADS, thread_name_prefix="secrets")

    def find_secrets(self, wanted: SecretsWanted) -> "Future[TurnSecrets]":
        """What must be hidden, when it is found; what the tagger raises, the future raises."""
        return self._pool.submit(find_turn_secrets, wanted, self._tagger)

    def close(self) -> None:
        """Give up what waits, and wait for what has begun."""
        self._pool.shutdown(cancel_futures=True)
