"""A client of a live session without a socket."""

from collections.abc import Sequence

from earshot.audio.waveform import Samples
from earshot.recognition.recognizer import Recognizer
from earshot.streaming.events import Event, HearingWanted, TurnUpdated
from earshot.streaming.session import LiveSession
from earshot.testing import ToneRecognizer


class Listener:
    """Answers a session's hearings at once, and keeps what else it says."""

    def __init__(self, session: LiveSession, recognizer: Recognizer | None = None) -> None:
        self.session = session
        self.recognizer = ToneRecognizer() if recognizer is None else recognizer
        self.told: list[Event] = []
        self.wanted: list[HearingWanted] = []

    def take(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, HearingWanted):
                self.wanted.append(event)
                (answer,) = self.recognizer.recognize([event.waveform], event.hints)
                self.take(self.session.heard(event.request_id, answer))
            else:
                self.told.append(event)

    def send(self, samples: Samples, chunk_samples: int = 800) -> None:
        for start in range(0, len(samples), chunk_samples):
            self.take(self.session.add_audio(samples[start : start + chunk_samples]))

    def send_all(self, samples: Samples, chunk_samples: int = 800) -> None:
        self.send(samples, chunk_samples)
        self.take(self.session.finish())

    @property
    def updates(self) -> list[TurnUpdated]:
        return [one for one in self.told if isinstance(one, TurnUpdated)]

    @property
    def ends(self) -> list[TurnUpdated]:
        return [one for one in self.updates if one.is_end]
