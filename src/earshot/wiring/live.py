"""Live sessions: the engines that hear them, loaded while the server already answers."""

import logging
from concurrent.futures import Future
from threading import Lock, Thread

import numpy as np

from earshot.api.live_services import (
    LiveLimits,
    LiveParts,
    LiveServices,
    LiveSessions,
    Secrets,
    Voices,
)
from earshot.audio.waveform import SAMPLE_RATE, Waveform
from earshot.jobs.locks import LifeLocks
from earshot.models.store import ModelStore
from earshot.recognition.catalog import Offer, load_recognizer
from earshot.recognition.preferences import best_first
from earshot.recognition.recognizer import Recognizer
from earshot.settings import Settings
from earshot.streaming.hearing import SharedHearing, SharingPolicy
from earshot.understanding.catalog import ENCODER
from earshot.wiring.installed import DIARIZER, offered_engines, open_models
from earshot.wiring.live_secrets import LiveSecrets
from earshot.wiring.live_voices import LiveVoices
from earshot.wiring.models import load_detector

logger = logging.getLogger(__name__)


class LiveHearing:
    """The engines of this process, each loaded once, when it is first asked for.

    Where loading fails, the next session tries again.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._store: ModelStore = open_models(settings)
        self._offers = {offer.name: offer for offer in offered_engines(settings, self._store)}
        self._parts: dict[str, Future[LiveParts]] = {}
        self._hearings: list[SharedHearing] = []
        self._recognizers: dict[str, Recognizer] = {}
        self._loaders: list[Thread] = []
        self._loading = Lock()
        self._voices = LiveVoices(self._store)
        self._secrets = LiveSecrets(self._store)

    def choose(self, *, language: str | None, is_multilingual: bool) -> str | None:
        fitting = [
            offer
            for offer in self._offers.values()
            if (offer.detects_languages or not is_multilingual)
            and (language is None or language in offer.languages)
        ]
        embedded = [offer for offer in fitting if offer.is_embedded]
        chosen = embedded or best_first(fitting)
        return chosen[0].name if chosen else None

    def knows(self, engine: str, language: str) -> bool:
        return language in self._offers[engine].languages

    def parts(self, engine: str) -> "Future[LiveParts]":
        with self._loading:
            known = self._parts.get(engine)
            if known is None or (known.done() and known.exception() is not None):
                self._parts[engine] = self._start_loading(self._offers[engine])
            return self._parts[engine]

    def recognizer(self, engine: str) -> Recognizer:
        """The engine itself, for those who recognise besides; blocks until it is loaded."""
        self.parts(engine).result()
        return self._recognizers[engine]

    def voices(self) -> "Future[Voices]":
        return self._voices.voices()

    def secrets(self, *, finds_names: bool) -> "Future[Secrets]":
        return self._secrets.secrets(finds_names=finds_names)

    @property
    def tells_speakers(self) -> bool:
        """Whether the model that tells voices apart is installed."""
        return self._store.is_present(DIARIZER)

    @property
    def finds_names(self) -> bool:
        """Whether the model that finds names is installed."""
        return self._store.is_present(ENCODER)

    def warm(self) -> None:
        """Load the embedded engine, if there is one, while others wait for nothing."""
        for offer in self._offers.values():
            if offer.is_embedded:
                self.parts(offer.name)

    @property
    def is_ready(self) -> bool:
        """Whether every engine that was asked for is loaded."""
        found = list(self._parts.values())
        return all(parts.done() and parts.exception() is None for parts in found)

    def close(self) -> None:
        """End the threads that recognise. Waits for models that are being loaded.

        Native code that is still running when the interpreter ends aborts the process, and a graph
        that is being derived would leave pieces in the store.
        """
        with self._loading:
            loaders = list(self._loaders)
        for loader in loaders:
            loader.join()
        for hearing in self._hearings:
            hearing.close()
        self._voices.close()
        self._secrets.close()

    def _start_loading(self, offer: Offer) -> "Future[LiveParts]":
        parts: Future[LiveParts] = Future()
        parts.set_running_or_notify_cancel()  # from here on nobody can cancel it
        loader = Thread(target=self._load, args=(offer, parts), name="load-live", daemon=True)
        self._loaders.append(loader)
        loader.start()
        return parts

    def _load(self, offer: Offer, parts: "Future[LiveParts]") -> None:
        try:
            recognizer = load_recognizer(offer.model, self._store, self._settings.compute)
            recognizer.recognize([Waveform(np.zeros(SAMPLE_RATE, dtype=np.float32))])
            policy = SharingPolicy(n_threads=self._settings.worker_threads)
            hearing = SharedHearing(recognizer, policy)
            self._hearings.append(hearing)
            self._recognizers[offer.name] = recognizer
            parts.set_result(LiveParts(load_detector(self._store), hearing))
            logger.info("live_engine_loaded", extra={"engine": offer.name})
        except Exception as error:
            logger.exception("live_engine_failed", extra={"engine": offer.name})
            parts.set_exception(error)


def build_live(settings: Settings, hearing: LiveHearing, locks: LifeLocks) -> LiveServices:
    """What the API needs of live sessions; to be used on one event loop."""
    limits = LiveLimits(
        max_sessions=settings.max_live_sessions,
        max_session_s=settings.max_live_session_s,
        max_ahead_s=settings.max_live_ahead_s,
        has_single_use_tokens=settings.single_use_tokens,
        tells_speakers=hearing.tells_speakers,
        finds_names=hearing.finds_names,
        decode_memory_mb=settings.decode_memory_mb,
    )
    return LiveServices(hearing, LiveSessions(), limits, locks)
