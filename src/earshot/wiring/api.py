"""The HTTP application. It loads no model."""

from fastapi import FastAPI

from earshot.api.app import create_app
from earshot.api.schemas.languages import ENGLISH_CODES
from earshot.api.services import ApiOptions, ApiServices, Readiness
from earshot.jobs.queue import JobQueue
from earshot.jobs.workers import any_worker_ready
from earshot.settings import Settings
from earshot.wiring.records import Records


def build_api(settings: Settings, records: Records, jobs: JobQueue) -> FastAPI:
    """The application over these records; workers elsewhere do what is submitted to it."""

    def readiness() -> Readiness:
        return "ready" if any_worker_ready(records.engine) else "loading"

    options = ApiOptions(
        public_url=settings.public_url,
        compat=settings.compat,
        upload_max_bytes=settings.upload_max_bytes,
        max_concurrent_jobs=settings.max_concurrent_jobs,
        listens_on_loopback=settings.listens_on_loopback,
        languages=ENGLISH_CODES,
    )
    return create_app(ApiServices(records.engine, records.media, jobs, options, readiness))
