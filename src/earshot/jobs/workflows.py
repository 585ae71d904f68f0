"""The workflows: what is durable, in which order, and what becomes of each outcome.

Only ids, counts and verdicts pass through here, for all of it is stored; what was said in a
recording never does.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from dbos import DBOS, SetEnqueueOptions, SetWorkflowID, WorkflowHandle
from dbos import error as engine_errors

from earshot.errors import JobAttemptsExhausted, TransitionImpossible
from earshot.jobs import names
from earshot.jobs.doorbell import Ring
from earshot.jobs.handlers import Announce, DeliveryVerdict, JobHandlers, Offer
from earshot.jobs.patience import Patience, WorkerStopping
from earshot.jobs.policy import QueuePolicy
from earshot.jobs.queue import JobQueue, part_rank
from earshot.jobs.steps import StepRunner
from earshot.jobs.tables import workflow_status
from earshot.storage.database import reading
from earshot.storage.job_attempts import count_attempt
from earshot.transcript.clock import Clock

T = TypeVar("T")
_log = logging.getLogger(__name__)
_FAILED = -1
_ASKS = "asks"  # what the step to finish gives where others are to be asked first
_PARTS_PER_RING = 16
# Of one job: what is told before its end is told, and that.
_MOST_MESSAGES = 2
# How often a job looks whether its parts are done: soon after one has ended in this process, then
# ever more rarely, for there may be many that wait, and parts that other workers do.
_FIRST_POLL_S = 0.02
_LAST_POLL_S = 0.5
_POLL_GROWTH = 1.1


class JobRunner:
    """The bodies of the workflows, with everything that they need."""

    def __init__(
        self,
        engine: sa.Engine,
        handlers: JobHandlers,
        policy: QueuePolicy,
        queue: JobQueue,
        steps: StepRunner,
        stopping: threading.Event,
        ring: Ring,
        clock: Clock,
    ) -> None:
        """`ring` has this process look into a queue, as it has room for more."""
        self._engine = engine
        self._handlers = handlers
        self._policy = policy
        self._queue = queue
        self._steps = steps
        self._stopping = stopping
        self._ring = ring
        self._clock = clock
        self._patience = Patience(stopping, policy.retry_delay_s)
        # Parts that run inside their job and parts from the queue share the same cores.
        self._cores = threading.BoundedSemaphore(policy.parts_per_worker)
        self._decoders = threading.BoundedSemaphore(policy.prepares_per_worker)
        self._asking = threading.BoundedSemaphore(policy.asks_per_worker)
        self._parts_at_hand: set[tuple[str, int]] = set()
        # Set when a part of the job has ended here, for the jobs that wait for that.
        self._part_ended: dict[str, threading.Event] = {}

    def has_room(self, queue_name: str) -> bool:
        """Whether this worker would be given more of that queue; false only where that is sure."""
        is_full = len(self._parts_at_hand) >= self._policy.parts_at_hand
        return queue_name != names.PARTS or not is_full

    def run_job(self, job_id: str, rank: int) -> str:
        try:
            return self._run_steps(job_id, rank)
        except Exception as error:  # noqa: BLE001 - the engine would end the workflow, and no more
            self._steps.fail(job_id, "workflow", error, self._announce(job_id))
            return "failed"
        finally:
            self._ring(names.JOBS)

    def _run_steps(self, job_id: str, rank: int) -> str:
        n_parts = DBOS.run_step({"name": "prepare"}, self._prepare, job_id, rank)
        if n_parts == _FAILED:
            return "failed"
        if n_parts == 1:
            # No hop over a queue for the most frequent kind of job.
            done = DBOS.run_step({"name": "part"}, self._part, job_id, 0)
        else:
            done = self._fan_out(job_id, rank, n_parts)
        ended = done and DBOS.run_step({"name": "finish"}, self._finish, job_id)
        # Once, as a rule; again where the worker that asked knew less of whom to ask than this one.
        while ended == _ASKS:
            asked = DBOS.run_step({"name": "ask"}, self._ask, job_id)
            ended = asked and DBOS.run_step({"name": "finish"}, self._finish_asked, job_id)
        return "finished" if ended else "failed"

    def run_part(self, job_id: str, part_index: int) -> bool:
        self._parts_at_hand.add((job_id, part_index))
        try:
            done = DBOS.run_step({"name": "part"}, self._part, job_id, part_index)
        finally:
            self._parts_at_hand.discard((job_id, part_index))
            self._ring(names.PARTS)
        ended = self._part_ended.get(job_id)
        if ended is not None:
            ended.set()
        return done

    async def deliver(self, job_id: str) -> str:
        verdict = DeliveryVerdict.REFUSED.value
        for message_index in range(_MOST_MESSAGES):
            told = await self._deliver_message(job_id, message_index)
            if told == DeliveryVerdict.NONE.value:
                break
            verdict = told
        return verdict

    async def _deliver_message(self, job_id: str, message_index: int) -> str:
        """What became of the message: its last verdict."""
        for attempt in range(1, self._policy.webhook_attempts + 1):
            verdict = await DBOS.run_step_async(
                {"name": "deliver"}, self._deliver, job_id, message_index
            )
            if verdict != DeliveryVerdict.RETRY.value:
                return verdict
            if attempt < self._policy.webhook_attempts:
                await DBOS.sleep_async(self._policy.webhook_interval_s)
        return DeliveryVerdict.RETRY.value

    def sweep(self) -> None:
        DBOS.run_step({"name": "sweep"}, self._sweep)

    def _fan_out(self, job_id: str, rank: int, n_parts: int) -> bool:
        # Most parts are there by now. The rest is offered as they were, all or none: a job that is
        # cancelled meanwhile has no part that nobody cancelled.
        try:
            self._patience.insist(
                lambda: self._queue.offer_parts(job_id, rank, list(range(n_parts)))
            )
        except TransitionImpossible:
            return False
        # To enqueue them again changes nothing for them, and records in the job's own history that
        # they are its children.
        handles: list[WorkflowHandle[bool]] = []
        for part_index in range(n_parts):
            with (
                SetWorkflowID(names.part_workflow_id(job_id, part_index)),
                SetEnqueueOptions(priority=part_rank(rank, part_index)),
            ):
                handles.append(DBOS.enqueue_workflow(names.PARTS, run_part, job_id, part_index))
            if part_index % _PARTS_PER_RING == 0:
                self._ring_for_parts()
        self._ring_for_parts()
        self._await_parts(job_id)
        try:
            return all(handle.get_result() for handle in handles)
        except (
            engine_errors.DBOSAwaitedWorkflowCancelledError,
            engine_errors.DBOSNonExistentWorkflowError,
        ):
            return False  # another part failed, or somebody cancelled or deleted the job

    def _ring_for_parts(self) -> None:
        self._patience.insist(lambda: self._queue.ring(names.PARTS))

    def _await_parts(self, job_id: str) -> None:
        # One count for all of them, where awaiting each would poll for each.
        status = workflow_status(self._engine)
        under_way = (
            sa.select(sa.func.count())
            .select_from(status)
            .where(
                status.c.parent_workflow_id == job_id,
                status.c.status.in_(("ENQUEUED", "PENDING")),
            )
        )

        def count() -> int:
            with reading(self._engine) as conn:
                n_left: int = conn.execute(under_way).scalar_one()
                return n_left

        delay_s = _FIRST_POLL_S
        ended = self._part_ended.setdefault(job_id, threading.Event())
        try:
            while self._patience.insist(count):
                if ended.wait(delay_s):
                    ended.clear()
                    delay_s = _FIRST_POLL_S
                else:
                    delay_s = min(delay_s * _POLL_GROWTH, _LAST_POLL_S)
        finally:
            del self._part_ended[job_id]

    def _prepare(self, job_id: str, rank: int) -> int:
        def work() -> int:
            return self._handlers.prepare(job_id, self._offering(job_id, rank))

        limit_s = self._policy.prepare_limit_s
        n_parts = self._step(job_id, "prepare", limit_s, work, self._decoders)
        if n_parts is None:
            self._cancel_parts(job_id)
            return _FAILED
        return n_parts

    def _offering(self, job_id: str, rank: int) -> Offer:
        # The first part waits for a second: if there is none, it needs no hop over a queue.
        held: list[int] = []
        is_one_of_many = False

        def offer(part_index: int) -> None:
            nonlocal is_one_of_many
            held.append(part_index)
            is_one_of_many = is_one_of_many or len(held) > 1
            if is_one_of_many:
                self._queue.offer_parts(job_id, rank, held)
                held.clear()
                self._ring(names.PARTS)

        return offer

    def _cancel_parts(self, job_id: str, *, spared: int | None = None) -> None:
        def cancel() -> None:
            self._queue.cancel_parts(job_id, spared=spared)

        self._patience.insist(cancel)

    def _part(self, job_id: str, part_index: int) -> bool:
        def work() -> bool:
            # It may have waited for room while somebody cancelled the job.
            self._queue.require_under_way(job_id)
            self._handlers.run_part(job_id, part_index)
            return True

        step, limit_s = f"part:{part_index}", self._policy.part_limit_s
        is_done = bool(self._step(job_id, step, limit_s, work, self._cores))
        if not is_done:
            self._cancel_parts(job_id, spared=part_index)
        return is_done

    def _finish(self, job_id: str) -> bool | str:
        # Most jobs have nothing to ask, and no more steps in their history than they always had.
        return self._join(job_id, "finish")

    def _finish_asked(self, job_id: str) -> bool | str:
        return self._join(job_id, "finish:asked")

    def _join(self, job_id: str, step: str) -> bool | str:
        def work() -> bool:
            return self._handlers.finish(job_id, self._announce(job_id))

        is_done = self._step(job_id, step, self._policy.finish_limit_s, work, self._cores)
        return _ASKS if is_done is False else bool(is_done)

    def _ask(self, job_id: str) -> bool:
        # No core is held meanwhile: whoever is slow to answer keeps nobody from theirs.
        def work() -> bool:
            self._handlers.ask(job_id)
            return True

        limit_s = self._policy.ask_limit_s
        return bool(self._step(job_id, "ask", limit_s, work, self._asking, is_repeated=True))

    def _step(
        self,
        job_id: str,
        step: str,
        limit_s: float,
        work: Callable[[], T],
        room: threading.Semaphore,
        *,
        is_repeated: bool = False,
    ) -> T | None:
        announce = self._announce(job_id)
        return self._steps.run(job_id, step, limit_s, work, announce, room, is_repeated=is_repeated)

    def _announce(self, job_id: str) -> Announce:
        def announce(conn: sa.Connection) -> None:
            self._queue.announce(conn, job_id)

        return announce

    async def _deliver(self, job_id: str, message_index: int) -> str:
        verdict = await asyncio.to_thread(self._deliver_once, job_id, message_index)
        return verdict.value

    def _deliver_once(self, job_id: str, message_index: int) -> DeliveryVerdict:
        # Counted on its own: a worker that dies in the attempt must not get one more for it.
        step = f"deliver:{message_index}" if message_index else "deliver"

        def begin() -> int:
            with self._engine.begin() as conn:
                return count_attempt(conn, job_id, step)

        attempt = self._patience.insist(begin)
        if attempt > self._policy.webhook_attempts:
            return DeliveryVerdict.REFUSED
        try:
            return self._handlers.deliver(job_id, attempt, message_index)
        except Exception as error:  # noqa: BLE001 - the border of a job
            fields = {"job_id": job_id, "attempt": attempt, "error": type(error).__name__}
            _log.error("delivery_failed", extra=fields)
            return DeliveryVerdict.RETRY

    def _sweep(self) -> None:
        forget_stray = self._queue.forget_stray_attempts
        for chore in (self._handlers.sweep, self._fail_lost, self._forget_ended, forget_stray):
            try:
                chore()
            except Exception as error:  # noqa: BLE001 - the border of a job; the next one comes
                _log.error("sweep_failed", extra={"error": type(error).__name__})

    def _fail_lost(self) -> None:
        # The jobs first: what is submitted after they are read has its workflow by then.
        for job_id in self._queue.without_workflow(self._handlers.under_way()):
            self._steps.fail(job_id, "lost", JobAttemptsExhausted(), self._announce(job_id))

    def _forget_ended(self) -> None:
        before_ms = int((self._clock().timestamp() - self._policy.history_kept_s) * 1000)
        self._queue.forget_ended(before_ms)


_runner: JobRunner | None = None


def install(runner: JobRunner | None) -> None:
    """Say whose bodies the workflows have; the engine, too, is one per process."""
    global _runner
    _runner = runner


def _installed() -> JobRunner:
    if _runner is None:
        raise WorkerStopping
    return _runner


# Deaths are counted per step, not per workflow: a recording of hours may outlive many workers.
@DBOS.workflow(name=names.RUN_JOB, max_recovery_attempts=None)
def run_job(job_id: str, rank: int) -> str:
    """One job from its first step to its last."""
    return _installed().run_job(job_id, rank)


@DBOS.workflow(name=names.RUN_PART, max_recovery_attempts=None)
def run_part(job_id: str, part_index: int, _n_parts: int = 0) -> bool:
    """One part of a job with many, on whichever worker is free.

    `_n_parts` was handed over by releases before parts were offered while a job is prepared.
    """
    return _installed().run_part(job_id, part_index)


@DBOS.workflow(name=names.DELIVER_WEBHOOK, max_recovery_attempts=None)
async def deliver_webhook(job_id: str) -> str:
    """A job's webhook; a coroutine, as it is asleep for most of its life."""
    return await _installed().deliver(job_id)


@DBOS.workflow(name=names.SWEEP, max_recovery_attempts=None)
def sweep() -> None:
    """What is to be done once in an interval, by one worker."""
    _installed().sweep()
