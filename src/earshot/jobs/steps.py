"""One step of a job: counted, watched, tried again a bounded number of times."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import sqlalchemy as sa

from earshot.errors import (
    CallerError,
    ExtraMissing,
    JobAttemptsExhausted,
    ModelCorrupt,
    ModelMissing,
    OperatorError,
    TransitionImpossible,
)
from earshot.jobs.handlers import Announce, JobHandlers
from earshot.jobs.patience import Patience, is_outage
from earshot.jobs.policy import QueuePolicy
from earshot.jobs.suspects import Suspects
from earshot.jobs.watchdog import Watchdog
from earshot.storage.database import reading
from earshot.storage.job_attempts import attempts_begun, count_attempt, take_back_attempt

T = TypeVar("T")
_log = logging.getLogger(__name__)
# Of these the operator needs the words, which are about the installation and not the recording.
_OF_THE_INSTALLATION = (ExtraMissing, ModelCorrupt, ModelMissing)


class StepRunner:
    """Runs steps of jobs by the handlers, and sees to it that each ends one way or another."""

    def __init__(
        self,
        engine: sa.Engine,
        handlers: JobHandlers,
        policy: QueuePolicy,
        watchdog: Watchdog,
        stopping: threading.Event,
    ) -> None:
        self._engine = engine
        self._handlers = handlers
        self._policy = policy
        self._watchdog = watchdog
        self._patience = Patience(stopping, policy.retry_delay_s)
        self._suspects = Suspects(policy.attempts)

    def run(
        self,
        job_id: str,
        step: str,
        limit_s: float,
        work: Callable[[], T],
        announce: Announce,
        room: threading.Semaphore,
        *,
        is_repeated: bool = False,
    ) -> T | None:
        """What the work returns; None if the job has ended without it, failed or otherwise.

        `room` bounds how many such steps work at once; waiting for it is no attempt. To a step that
        `is_repeated` the job comes back, at most as often as there are attempts.
        """
        try:
            n_begun = self._begun(job_id, step)
            with self._suspects.apart(job_id, n_begun, room), room:
                result = self._attempt(job_id, step, limit_s, work)
                if n_begun and not is_repeated:
                    # Nobody died of it. What is let in now may end the worker before the engine
                    # has recorded the result: that would be an attempt too many.
                    self._spare(job_id, step)
                return result
        except TransitionImpossible as error:
            _log.info("job_ended_elsewhere", extra={"job_id": job_id, "met": error.met})
        except Exception as error:  # noqa: BLE001 - the border of a job
            self.fail(job_id, step, error, announce)
        return None

    def fail(self, job_id: str, step: str, error: Exception, announce: Announce) -> None:
        """See to it that the job ends, however long that takes: nobody else would."""
        level = logging.INFO if isinstance(error, CallerError) else logging.ERROR
        _log.log(level, "job_failed", extra=_fields(job_id, step, error, None))
        n_failed = 0
        while True:
            try:
                return self._handlers.fail(job_id, error, announce)
            except TransitionImpossible:
                return None
            except Exception as again:  # noqa: BLE001 - the border of a job
                n_failed += 1
                _log.error("fail_failed", extra=_fields(job_id, step, again, n_failed))
            self._patience.pause(n_failed - 1)

    def take_back_running(self) -> None:
        """Have the attempts under way not count: an orderly stop ends them, not the job."""
        for job_id, step in self._watchdog.running():
            with self._engine.begin() as conn:
                take_back_attempt(conn, job_id, step)

    def _attempt(self, job_id: str, step: str, limit_s: float, work: Callable[[], T]) -> T:
        # Deaths count like exceptions: an attempt is counted when it begins, in the database.
        last: Exception | None = None
        outage = _Outage(self._policy.outage_limit_s)
        while (attempt := self._begin(job_id, step)) <= self._policy.attempts:
            try:
                with self._watchdog.limit(job_id, step, limit_s), _panics_as_errors():
                    return work()
            except (CallerError, TransitionImpossible):
                raise
            except Exception as error:  # noqa: BLE001 - anything may get better by itself
                last = error
                # The class only: what an unforeseen error says may quote the recording's words.
                _log.warning("step_failed", extra=_fields(job_id, step, error, attempt))
            if outage.excuses(last):
                self._take_back(job_id, step)
                self._patience.pause(outage.n_excused - 1)
            elif attempt < self._policy.attempts:
                self._patience.pause(attempt - 1)
        raise JobAttemptsExhausted from last

    def _begun(self, job_id: str, step: str) -> int:
        def count() -> int:
            with reading(self._engine) as conn:
                return attempts_begun(conn, job_id, step)

        return self._patience.insist(count)

    def _begin(self, job_id: str, step: str) -> int:
        def begin() -> int:
            with self._engine.begin() as conn:
                return count_attempt(conn, job_id, step)

        return self._patience.insist(begin)

    def _spare(self, job_id: str, step: str) -> None:
        # Counted, too: a step may succeed and end its worker a moment later, every time.
        def spare() -> None:
            with self._engine.begin() as conn:
                if count_attempt(conn, job_id, f"{step}:spared") <= self._policy.attempts:
                    take_back_attempt(conn, job_id, step)

        self._patience.insist(spare)

    def _take_back(self, job_id: str, step: str) -> None:
        def take_back() -> None:
            with self._engine.begin() as conn:
                take_back_attempt(conn, job_id, step)

        self._patience.insist(take_back)


@contextmanager
def _panics_as_errors() -> Iterator[None]:
    """Take it for an error where a library in Rust gives up.

    It says so by an exception that `except Exception` does not see: the job would never end.
    """
    try:
        yield
    except BaseException as panic:
        if type(panic).__module__ == "pyo3_runtime":
            raise OperatorError("a library panicked") from panic
        raise


class _Outage:
    """Excuses the attempts that a database's absence or a full disk ended, for a limited time."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._since_s: float | None = None
        self.n_excused = 0

    def excuses(self, error: Exception) -> bool:
        if not is_outage(error):
            self._since_s, self.n_excused = None, 0
            return False
        now_s = time.monotonic()
        if self._since_s is None:
            self._since_s = now_s
        if now_s - self._since_s >= self._limit_s:
            return False
        self.n_excused += 1
        return True


def _fields(job_id: str, step: str, error: Exception, attempt: int | None) -> dict[str, object]:
    cause: BaseException = error.__cause__ or error
    where = cause.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    fields = {
        "job_id": job_id,
        "step": step,
        "attempt": attempt,
        "error": type(cause).__name__,
        "code": getattr(cause, "code", None),
        "at": "" if where is None else f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}",
    }
    return fields | ({"reason": str(cause)} if isinstance(cause, _OF_THE_INSTALLATION) else {})
