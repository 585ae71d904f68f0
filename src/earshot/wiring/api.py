"""The HTTP application. It loads no model."""

from collections.abc import Callable

from fastapi import FastAPI

from earshot.api.app import create_app
from earshot.api.live_services import LiveServices
from earshot.api.schemas.languages import ENGLISH_CODES, LANGUAGE_CODES
from earshot.api.services import ApiOptions, ApiServices, Readiness
from earshot.api.sync_services import SyncServices
from earshot.jobs.queue import JobQueue
from earshot.jobs.workers import any_worker_ready
from earshot.recognition.language_codes import language_of
from earshot.settings import Settings
from earshot.wiring.features import build_language_models
from earshot.wiring.installed import (
    finds_names,
    offered_engines,
    open_models,
    read_tiers,
    speech_translator,
    tells_speakers,
)
from earshot.wiring.records import Records
from earshot.wiring.understanding import UnderstandingOnRequest


def build_api(
    settings: Settings,
    records: Records,
    jobs: JobQueue,
    live: LiveServices | None = None,
    live_is_ready: Callable[[], bool] | None = None,
    *,
    awaits_workers: bool = True,
    sync: SyncServices | None = None,
) -> FastAPI:
    """The application over these records; workers elsewhere do what is submitted to it.

    It is ready when a worker is, if it `awaits_workers`, and what hears live sessions here.
    """

    def readiness() -> Readiness:
        has_workers = not awaits_workers or any_worker_ready(records.engine)
        hears = live_is_ready is None or live_is_ready()
        return "ready" if has_workers and hears else "loading"

    options = ApiOptions(
        public_url=settings.public_url,
        compat=settings.compat,
        upload_max_bytes=settings.upload_max_bytes,
        max_concurrent_jobs=settings.max_concurrent_jobs,
        listens_on_loopback=settings.listens_on_loopback,
        languages=offered_codes(settings),
        tells_speakers=tells_speakers(open_models(settings)),
        translates_speech=speech_translator(settings, open_models(settings)),
        finds_names=finds_names(open_models(settings)),
        buckets=settings.bucket_policy,
        lemur_per_min=settings.lemur_per_min,
        lemur_s=settings.lemur_s,
        llm_window_tokens=settings.llm_window,
        prices=settings.price_table,
        projects_in_settings=settings.named_projects,
    )
    language_models = build_language_models(settings)
    return create_app(
        ApiServices(
            records.engine,
            records.media,
            jobs,
            options,
            readiness,
            live=live,
            understanding=UnderstandingOnRequest(language_models),
            language_models=language_models,
            sync=sync,
        )
    )


def offered_codes(settings: Settings) -> frozenset[str]:
    """The API's codes of the languages that the installed engines know; English always.

    English, because every worker has the embedded engine, even where this process sees no models.
    """
    store = open_models(settings)
    read_tiers(settings, store)  # a mistake in them is told at the start
    offers = offered_engines(settings, store)
    known = frozenset[str]().union(*(offer.languages for offer in offers))
    return ENGLISH_CODES | {code for code in LANGUAGE_CODES if language_of(code) in known}
