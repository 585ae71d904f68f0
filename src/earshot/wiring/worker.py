"""A worker: the steps of a job, and what does them."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread

import sqlalchemy as sa

from earshot.accounts.waiting import LOOK_S, release_waiting
from earshot.delivery.webhooks import Verdict, WebhookSender
from earshot.egress.client import GuardedClient
from earshot.egress.fetch import AudioFetcher
from earshot.errors import OperatorError
from earshot.jobs.handlers import Announce, DeliveryVerdict, Offer
from earshot.jobs.queue import JobQueue
from earshot.jobs.worker import JobWorker
from earshot.pipeline.notification import Notification
from earshot.pipeline.retention import Retention
from earshot.pipeline.session_notification import SessionNotification
from earshot.pipeline.transcription import Transcription
from earshot.settings import Settings
from earshot.storage.database import map_database_errors, reading
from earshot.storage.transcripts import list_under_way
from earshot.transcript.clock import utc_now
from earshot.wiring.models import load_stages
from earshot.wiring.records import Records

logger = logging.getLogger(__name__)

# Less than the supervisor waits before it kills.
STOP_GRACE_S = 7.0
_VERDICTS = {
    Verdict.DELIVERED: DeliveryVerdict.DELIVERED,
    Verdict.RETRY: DeliveryVerdict.RETRY,
    Verdict.REFUSED: DeliveryVerdict.REFUSED,
}


class _Handlers:
    """The steps of a job, as `jobs` calls them."""

    def __init__(
        self,
        engine: sa.Engine,
        transcription: Transcription,
        notification: Notification,
        session_notification: SessionNotification,
        retention: Retention,
    ) -> None:
        self._engine = engine
        self._transcription = transcription
        self._notification = notification
        self._session_notification = session_notification
        self._retention = retention

    def prepare(self, job_id: str, offer: Offer) -> int:
        return self._transcription.prepare(job_id, offer)

    def run_part(self, job_id: str, part_index: int) -> None:
        self._transcription.recognize(job_id, part_index)

    def finish(self, job_id: str, announce: Announce) -> bool:
        return self._transcription.finish(job_id, announce)

    def ask(self, job_id: str) -> None:
        self._transcription.ask(job_id)

    def fail(self, job_id: str, error: Exception, announce: Announce) -> None:
        self._transcription.fail(job_id, error, announce)

    def deliver(self, job_id: str, attempt: int, message_index: int) -> DeliveryVerdict:
        del attempt  # the queue counts the attempts; each is made alike
        verdict = self._session_notification.deliver(job_id) if message_index == 0 else None
        verdict = verdict or self._notification.deliver(job_id, message_index)
        return DeliveryVerdict.NONE if verdict is None else _VERDICTS[verdict]

    def sweep(self) -> None:
        self._retention.sweep()

    def under_way(self) -> Sequence[str]:
        with reading(self._engine) as conn:
            return list_under_way(conn)


@contextmanager
def running_worker(settings: Settings, records: Records) -> Iterator[JobWorker]:
    """A worker that takes jobs until the block ends; the models are loaded before it begins."""
    stages = load_stages(settings, n_decoders=settings.worker_threads)
    client = GuardedClient(extra_ca_file=settings.extra_ca_file)
    queue = JobQueue(records.engine)
    fetcher = AudioFetcher(client, settings.egress)
    sender = WebhookSender(client, settings.egress, utc_now)
    handlers = _Handlers(
        records.engine,
        Transcription(
            records.engine,
            records.media,
            fetcher,
            stages,
            utc_now,
            n_decoders=settings.worker_threads,
        ),
        Notification(records.engine, records.media, sender, utc_now),
        SessionNotification(records.engine, sender),
        Retention(records.engine, records.media, settings.retention, utc_now, queue),
    )
    worker = JobWorker(records.engine, settings.queue, handlers)
    queue.warm()  # not in a transaction that writes, nor where a failure would have to stop threads
    worker.start()
    try:
        with (
            _every(settings.model_idle_s / 4, "unload-idle", stages.recognizers.unload_idle),
            _every(LOOK_S, "release-waiting", lambda: _release_waiting(records.engine, queue)),
        ):
            yield worker
    finally:
        worker.stop(STOP_GRACE_S)
        stages.decoder.close()
        queue.close()


def _release_waiting(engine: sa.Engine, queue: JobQueue) -> None:
    """Submit the jobs of transcripts that waited for room; `queue` is warm."""

    def submit(conn: sa.Connection, job_id: str, project_id: str) -> None:
        queue.submit(conn, job_id, account_id=project_id)

    try:
        with map_database_errors():
            release_waiting(engine, submit)
    except OperatorError as error:
        logger.warning("waiting_not_released", extra={"error": error.code})
    except Exception:  # the border of a thread that must go on
        logger.exception("waiting_not_released")


@contextmanager
def _every(interval_s: float, name: str, act: Callable[[], None]) -> Iterator[None]:
    """Do that again and again on a thread of its own, as long as the block runs."""
    ended = Event()

    def run() -> None:
        while not ended.wait(interval_s):
            act()

    thread = Thread(target=run, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
