"""Transcription while its caller waits, in the process that also hears live sessions."""

import logging
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from threading import Event, Lock, Thread

from earshot.api.schemas.sync import MIN_AUDIO_MS
from earshot.api.sync_services import SyncLimits, SyncOrder, SyncPlaces, SyncServices
from earshot.audio.decode import Decoder
from earshot.errors import ModelCorrupt, ModelMissing, ModelsLoading, ModelsUnusable
from earshot.pipeline.on_request import Attention, OnRequest, be_nice
from earshot.pipeline.stages import Stages
from earshot.recognition.preferences import best_first
from earshot.settings import Settings
from earshot.transcript.result import TranscriptResult
from earshot.wiring.installed import offered_engines, open_models, read_tiers
from earshot.wiring.live import LiveHearing
from earshot.wiring.models import build_pool, find_diarizer, load_detector

logger = logging.getLogger(__name__)

LOADING_PATIENCE_S = 10.0
# One is used up while the next gets ready.
N_DECODERS = 2
ENGLISH = "en"
# Live words come first, and before recordings in the queue, whose worker is nicer.
NICENESS = 3


class SyncHearing:
    """The engines of this process for whoever waits for a transcript.

    The embedded one is that of the live sessions: it is in memory once. Where loading fails, the
    next request tries again.
    """

    def __init__(self, settings: Settings, live: LiveHearing) -> None:
        self._settings = settings
        self._live = live
        self._store = open_models(settings)
        self._offers = offered_engines(settings, self._store)
        names = (name for offer in self._offers for name in (offer.name, offer.model))
        tiers = read_tiers(settings, self._store)
        self.model_names: Sequence[str] = tuple(dict.fromkeys((*names, *tiers)))
        self._loaded: Future[tuple[Stages, OnRequest]] | None = None
        self._loading = Lock()
        self._loader: Thread | None = None
        self._callers = ThreadPoolExecutor(
            settings.sync_limits.max_at_once,
            thread_name_prefix="sync",
            initializer=be_nice,
            initargs=(NICENESS,),
        )
        self._is_closing = Event()

    @property
    def detects_languages(self) -> bool:
        return any(offer.detects_languages for offer in self._offers)

    @property
    def translator(self) -> str | None:
        able = best_first(offer for offer in self._offers if ENGLISH in offer.translates_into)
        return able[0].name if able else None

    @property
    def is_ready(self) -> bool:
        """Whether everything that was to be loaded is."""
        loaded = self._loaded
        return loaded is None or (loaded.done() and loaded.exception() is None)

    @property
    def live_is_ready(self) -> bool:
        """Whether every engine of the live sessions that was asked for is loaded."""
        return self._live.is_ready

    def warm(self) -> None:
        """Load what there is to load, while others wait for nothing."""
        if self._offers:
            self._load()

    def submit(self, order: SyncOrder) -> "Future[TranscriptResult]":
        loaded = self._load()
        return self._callers.submit(self._transcribe, loaded, order)

    def close(self) -> None:
        """Give up what is under way, and end threads and decoders."""
        self._is_closing.set()
        self._callers.shutdown(cancel_futures=True)
        if self._loader is not None:
            self._loader.join()
        if self._loaded is not None and self.is_ready:
            stages, on_request = self._loaded.result()
            on_request.close()
            stages.decoder.close()

    def _transcribe(
        self, loaded: "Future[tuple[Stages, OnRequest]]", order: SyncOrder
    ) -> TranscriptResult:
        try:
            _, on_request = loaded.result(LOADING_PATIENCE_S)
        except TimeoutError as error:
            raise ModelsLoading from error
        except (ModelCorrupt, ModelMissing) as error:
            raise ModelsUnusable from error
        attention = Attention(
            order.max_ms,
            is_wanted=lambda: order.is_wanted() and not self._is_closing.is_set(),
            take_words=order.take_words,
        )
        return on_request.transcribe(order.path, order.options, attention)

    def _load(self) -> "Future[tuple[Stages, OnRequest]]":
        """What is loaded, or being loaded."""
        with self._loading:
            known = self._loaded
            if known is None or (known.done() and known.exception() is not None):
                known = self._loaded = Future()
                known.set_running_or_notify_cancel()  # from here on nobody can cancel it
                self._loader = Thread(
                    target=self._fill, args=(known,), name="load-sync", daemon=True
                )
                self._loader.start()
            return known

    def _fill(self, loaded: "Future[tuple[Stages, OnRequest]]") -> None:
        try:
            pool = build_pool(
                self._settings, self._store, lambda offer: self._live.recognizer(offer.name)
            )
            options = replace(
                self._settings.decoding, n_warm_children=N_DECODERS, min_duration_ms=MIN_AUDIO_MS
            )
            stages = Stages(
                decoder=Decoder(options),
                detector=load_detector(self._store),
                recognizers=pool,
                diarizer=find_diarizer(self._store),
            )
            on_request = OnRequest(stages, self._settings.worker_threads, niceness=NICENESS)
            loaded.set_result((stages, on_request))
        except Exception as error:
            logger.exception("sync_engines_failed")
            loaded.set_exception(error)
            return
        while not self._is_closing.wait(self._settings.model_idle_s / 4):
            pool.unload_idle()


def build_sync(settings: Settings, hearing: SyncHearing) -> SyncServices:
    """What the API needs of transcription at once."""
    limits: SyncLimits = settings.sync_limits
    return SyncServices(hearing, limits, SyncPlaces(limits))
