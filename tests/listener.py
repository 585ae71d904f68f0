"""A client of a live session without a socket."""

from collections.abc import Sequence

from earshot.audio.waveform import Samples
from earshot.recognition.recognizer import Recognizer
from earshot.streaming.events import (
    Event,
    HearingWanted,
    SpeakersWanted,
    TurnUpdated,
    VoicesWanted,
)
from earshot.streaming.labelled_session import LabelledSession
from earshot.streaming.session import LiveSession
from earshot.streaming.shared_voices import attribute_words
from earshot.testing import ScriptedDiarizer, ToneRecognizer

# "one", "two" and "three" are one voice, the other words a second one.
TWO_VOICES = ScriptedDiarizer(step_hz=1600)


class Listener:
    """Answers what a session wants at once, and keeps what else it says."""

    def __init__(
        self, session: LiveSession | LabelledSession, recognizer: Recognizer | None = None
    ) -> None:
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
            elif isinstance(event, VoicesWanted):
                self.answer_voices(event)
            elif isinstance(event, SpeakersWanted):
                self.answer_speakers(event)
            else:
                self.told.append(event)

    def answer_voices(self, wanted: VoicesWanted) -> None:
        assert isinstance(self.session, LabelledSession)
        tracks = TWO_VOICES.find_tracks(wanted.waveform, wanted.speech)
        self.take(self.session.voices_heard(wanted.request_id, tracks))

    def answer_speakers(self, wanted: SpeakersWanted) -> None:
        assert isinstance(self.session, LabelledSession)
        self.take(self.session.speakers_found(wanted.request_id, attribute_words(wanted)))

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
