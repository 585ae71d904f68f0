"""Builds the real objects and joins them; the only module that knows every concrete class."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from fastapi import FastAPI

from earshot.api.app import create_app
from earshot.api.schemas.languages import ENGLISH_CODES
from earshot.api.services import ApiOptions, ApiServices, Readiness
from earshot.audio.decode import Decoder
from earshot.audio.engines.silero import SileroDetector
from earshot.delivery.webhooks import Verdict, WebhookSender
from earshot.egress.client import GuardedClient
from earshot.egress.fetch import AudioFetcher
from earshot.jobs.handlers import Announce, DeliveryVerdict
from earshot.jobs.queue import JobQueue
from earshot.jobs.worker import JobWorker
from earshot.jobs.workers import any_worker_ready
from earshot.models.store import ModelStore
from earshot.pipeline.notification import Notification
from earshot.pipeline.retention import Retention
from earshot.pipeline.stages import Stages
from earshot.pipeline.transcription import Transcription
from earshot.recognition.catalog import load_recognizer
from earshot.settings import Settings
from earshot.storage.database import open_database, upgrade_schema
from earshot.storage.media import MediaStore, open_media_store
from earshot.transcript.clock import utc_now

DEFAULT_ENGINE = "moonshine"


@dataclass(frozen=True, slots=True)
class Records:
    """What every process of an installation shares: the database and the media."""

    engine: sa.Engine
    media: MediaStore


def open_records(settings: Settings) -> Records:
    """The database, with its schema brought up to date, and the media store."""
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = open_database(settings.database)
    upgrade_schema(engine)
    return Records(engine, open_media_store(settings.media))


def open_models(settings: Settings) -> ModelStore:
    return ModelStore(settings.models)


def load_stages(settings: Settings) -> Stages:
    """Load the models and warm the decoder; blocks for about a second."""
    store = open_models(settings)
    recognizer = load_recognizer(DEFAULT_ENGINE, store)
    return Stages(
        decoder=Decoder(settings.decoding),
        detector=SileroDetector(store.files("silero")["silero_vad.ort"]),
        recognizers=dict.fromkeys(recognizer.languages, recognizer),
    )


def build_fetcher(settings: Settings) -> AudioFetcher:
    return AudioFetcher(GuardedClient(extra_ca_file=settings.extra_ca_file), settings.egress)


def build_download(settings: Settings) -> Callable[[str], Iterator[bytes]]:
    """How model files are fetched from the hub."""
    fetcher = build_fetcher(settings)
    return lambda url: fetcher.fetch_audio(url, allow_private=False)


def build_api(settings: Settings, records: Records, *, is_loopback: bool) -> FastAPI:
    """The HTTP application; it loads no model."""

    def readiness() -> Readiness:
        return "ready" if any_worker_ready(records.engine) else "loading"

    options = ApiOptions(
        public_url=settings.public_url,
        compat=settings.compat,
        upload_max_bytes=settings.upload_max_bytes,
        max_concurrent_jobs=settings.max_concurrent_jobs,
        listens_on_loopback=is_loopback,
        languages=ENGLISH_CODES,
    )
    jobs = JobQueue(records.engine)
    return create_app(ApiServices(records.engine, records.media, jobs, options, readiness))


class _Handlers:
    """The steps of a job, as `jobs` calls them, and what does them."""

    def __init__(
        self, transcription: Transcription, notification: Notification, retention: Retention
    ) -> None:
        self._transcription = transcription
        self._notification = notification
        self._retention = retention

    def prepare(self, job_id: str) -> int:
        return self._transcription.prepare(job_id)

    def run_part(self, job_id: str, part_index: int) -> None:
        self._transcription.recognize(job_id, part_index)

    def finish(self, job_id: str, announce: Announce) -> None:
        self._transcription.finish(job_id, announce)

    def fail(self, job_id: str, error: Exception, announce: Announce) -> None:
        self._transcription.fail(job_id, error, announce)

    def deliver(self, job_id: str, attempt: int) -> DeliveryVerdict:
        del attempt  # the queue counts the attempts; each is made alike
        return _VERDICTS[self._notification.deliver(job_id)]

    def sweep(self) -> None:
        self._retention.sweep()


_VERDICTS = {
    Verdict.DELIVERED: DeliveryVerdict.DELIVERED,
    Verdict.RETRY: DeliveryVerdict.RETRY,
    Verdict.REFUSED: DeliveryVerdict.REFUSED,
}


@contextmanager
def running_worker(settings: Settings, records: Records) -> Iterator[JobWorker]:
    """A worker that takes jobs until the block ends; the models are loaded before it begins."""
    stages = load_stages(settings)
    client = GuardedClient(extra_ca_file=settings.extra_ca_file)
    queue = JobQueue(records.engine)
    handlers = _Handlers(
        Transcription(
            records.engine,
            records.media,
            AudioFetcher(client, settings.egress),
            stages,
            utc_now,
        ),
        Notification(records.engine, WebhookSender(client, settings.egress, utc_now)),
        Retention(records.engine, records.media, settings.retention, utc_now, queue.forget),
    )
    worker = JobWorker(records.engine, settings.queue, handlers, lock_folder(settings))
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()
        stages.decoder.close()
        queue.close()


def lock_folder(settings: Settings) -> Path:
    """Where workers on SQLite show by a lock that they are alive."""
    return settings.data / "workers"
