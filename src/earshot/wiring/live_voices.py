"""What tells the voices of live sessions apart, loaded when a session first asks for speakers."""

import logging
from concurrent.futures import Future
from threading import Lock, Thread

import numpy as np

from earshot.api.live_services import Voices
from earshot.audio.speech import Span
from earshot.audio.waveform import SAMPLE_RATE, Waveform
from earshot.diarization.catalog import load_diarizer
from earshot.models.store import ModelStore
from earshot.streaming.shared_voices import SharedVoices

logger = logging.getLogger(__name__)


class LiveVoices:
    """One model for all sessions of the process; where loading fails, the next session tries."""

    def __init__(self, store: ModelStore) -> None:
        self._store = store
        self._lock = Lock()
        self._loading: Future[Voices] | None = None
        self._loader: Thread | None = None
        self._shared: SharedVoices | None = None

    def voices(self) -> "Future[Voices]":
        with self._lock:
            if self._loading is None or (self._loading.done() and self._loading.exception()):
                self._loading = Future()
                self._loading.set_running_or_notify_cancel()  # from here on nobody can cancel it
                arguments = (self._loading,)
                self._loader = Thread(
                    target=self._load, args=arguments, name="load-voices", daemon=True
                )
                self._loader.start()
            return self._loading

    def close(self) -> None:
        """Wait for what is being loaded or computed, and end the thread that computes."""
        with self._lock:
            loader = self._loader
        if loader is not None:
            loader.join()
        if self._shared is not None:
            self._shared.close()

    def _load(self, loading: "Future[Voices]") -> None:
        try:
            diarizer = load_diarizer(self._store)
            silence = np.zeros(SAMPLE_RATE, dtype=np.float32)
            diarizer.find_tracks(Waveform(silence), [Span(0, len(silence))])
            self._shared = SharedVoices(diarizer)
            loading.set_result(self._shared)
            logger.info("live_voices_loaded")
        except Exception as error:
            logger.exception("live_voices_failed")
            loading.set_exception(error)
