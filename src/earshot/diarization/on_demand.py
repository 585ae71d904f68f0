"""A diarizer that is loaded when somebody asks for speakers: most recordings are without."""

from collections.abc import Callable, Sequence
from threading import Lock

from earshot.audio.speech import Span
from earshot.audio.waveform import Waveform
from earshot.diarization.diarizer import Diarizer, Track


class DiarizerOnDemand:
    """Loads the diarizer once, for all threads; where that fails, the next caller tries again."""

    def __init__(self, name: str, load: Callable[[], Diarizer]) -> None:
        self._name = name
        self._load = load
        self._loaded: Diarizer | None = None
        self._lock = Lock()

    @property
    def name(self) -> str:
        return self._name

    def find_tracks(self, waveform: Waveform, speech: Sequence[Span]) -> list[Track]:
        """What the diarizer finds; raises what loading it raises."""
        return self._diarizer().find_tracks(waveform, speech)

    def _diarizer(self) -> Diarizer:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded
