"""One step of a job: counted, watched, tried again a bounded number of times."""

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from earshot.errors import CallerError, JobAttemptsExhausted, TransitionImpossible
from earshot.jobs.handlers import Announce, JobHandlers
from earshot.jobs.policy import QueuePolicy
from earshot.jobs.watchdog import Watchdog
from earshot.storage.job_attempts import count_attempt

T = TypeVar("T")
_log = logging.getLogger(__name__)
# `fail` is tried for longer than anything else: without it a transcript would never end.
_FAIL_ATTEMPTS = 10
_LONGEST_DELAY_S = 10.0


class WorkerStopping(BaseException):
    """This process is about to end; what it is working on is for others to continue.

    Not an Exception, so that nobody records it as the outcome of the work.
    """


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
        self._stopping = stopping

    def run(
        self, job_id: str, step: str, limit_s: float, work: Callable[[], T], announce: Announce
    ) -> T | None:
        """What the work returns; None if the job has ended without it, failed or otherwise."""
        try:
            return self._attempt(job_id, step, limit_s, work)
        except TransitionImpossible as error:
            _log.info("job_ended_elsewhere", extra={"job_id": job_id, "met": error.met})
        except Exception as error:  # noqa: BLE001 - the border of a job
            self._fail(job_id, step, error, announce)
        return None

    def _attempt(self, job_id: str, step: str, limit_s: float, work: Callable[[], T]) -> T:
        # Deaths count like exceptions: an attempt is counted when it begins, in the database.
        last: Exception | None = None
        while (attempt := self._begin(job_id, step)) <= self._policy.attempts:
            if last is not None:
                self._pause(self._policy.retry_delay_s * 2 ** (attempt - 2))
            try:
                with self._watchdog.limit(job_id, step, limit_s):
                    return work()
            except (CallerError, TransitionImpossible):
                raise
            except Exception as error:  # noqa: BLE001 - anything may get better by itself
                last = error
                # The class only: what an unforeseen error says may quote the recording's words.
                _log.warning("step_failed", extra=_fields(job_id, step, error, attempt))
        raise JobAttemptsExhausted from last

    def _begin(self, job_id: str, step: str) -> int:
        if self._stopping.is_set():
            raise WorkerStopping
        with self._engine.begin() as conn:
            return count_attempt(conn, job_id, step)

    def _fail(self, job_id: str, step: str, error: Exception, announce: Announce) -> None:
        level = logging.INFO if isinstance(error, CallerError) else logging.ERROR
        _log.log(level, "job_failed", extra=_fields(job_id, step, error, None))
        for attempt in range(1, _FAIL_ATTEMPTS + 1):
            try:
                return self._handlers.fail(job_id, error, announce)
            except TransitionImpossible:
                return None
            except Exception as again:  # noqa: BLE001 - the border of a job
                _log.error("fail_failed", extra=_fields(job_id, step, again, attempt))
            self._pause(min(self._policy.retry_delay_s * 2 ** (attempt - 1), _LONGEST_DELAY_S))
        return None

    def _pause(self, delay_s: float) -> None:
        if self._stopping.wait(delay_s):
            raise WorkerStopping


def _fields(job_id: str, step: str, error: Exception, attempt: int | None) -> dict[str, object]:
    cause = error.__cause__ or error
    where = cause.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    return {
        "job_id": job_id,
        "step": step,
        "attempt": attempt,
        "error": type(cause).__name__,
        "code": getattr(cause, "code", None),
        "at": "" if where is None else f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}",
    }
