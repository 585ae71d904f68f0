"""What tells the voices of live sessions apart, loaded when a session first asks for speakers."""

from concurrent.futures import Future

import numpy as np

from earshot.api.live_services import Voices
from earshot.audio.speech import Span
from earshot.audio.waveform import SAMPLE_RATE, Waveform
from earshot.diarization.catalog import load_diarizer
from earshot.models.store import ModelStore
from earshot.streaming.shared_voices import SharedVoices
from earshot.wiring.loading import LoadedOnce


class LiveVoices:
    """One model for all sessions of the process; where loading fails, the next session tries."""

    def __init__(self, store: ModelStore) -> None:
        self._store = store
        self._voices = LoadedOnce[Voices]("voices", self._load)
        self._shared: SharedVoices | None = None

    def voices(self) -> "Future[Voices]":
        return self._voices.get()

    def close(self) -> None:
        """Wait for what is being loaded or computed, and end the thread that computes."""
        self._voices.join()
        if self._shared is not None:
            self._shared.close()

    def _load(self) -> Voices:
        diarizer = load_diarizer(self._store)
        silence = np.zeros(SAMPLE_RATE, dtype=np.float32)
        diarizer.find_tracks(Waveform(silence), [Span(0, len(silence))])
        self._shared = SharedVoices(diarizer)
        return self._shared
