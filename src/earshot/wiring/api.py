"""The HTTP application. It loads no model."""

from fastapi import FastAPI

from earshot.api.app import create_app
from earshot.api.schemas.languages import ENGLISH_CODES, LANGUAGE_CODES
from earshot.api.services import ApiOptions, ApiServices, Readiness
from earshot.jobs.queue import JobQueue
from earshot.jobs.workers import any_worker_ready
from earshot.recognition.language_codes import language_of
from earshot.settings import Settings
from earshot.wiring.installed import offered_engines, open_models, read_tiers, tells_speakers
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
        languages=offered_codes(settings),
        tells_speakers=tells_speakers(open_models(settings)),
    )
    return create_app(ApiServices(records.engine, records.media, jobs, options, readiness))


def offered_codes(settings: Settings) -> frozenset[str]:
    """The API's codes of the languages that the installed engines know; English always.

    English, because every worker has the embedded engine, even where this process sees no models.
    """
    store = open_models(settings)
    read_tiers(settings, store)  # a mistake in them is told at the start
    offers = offered_engines(settings, store)
    known = frozenset[str]().union(*(offer.languages for offer in offers))
    return ENGLISH_CODES | {code for code in LANGUAGE_CODES if language_of(code) in known}
