"""A client of a live session without a socket."""

from collections.abc import Sequence

from earshot.audio.waveform import Samples
from earshot.recognition.recognizer import Recognizer
from earshot.streaming.events import (
    Event,
    HearingWanted,
    SecretsWanted,
    SpeakersWanted,
    TurnUpdated,
    VoicesWanted,
)
from earshot.streaming.labelled_session import LabelledSession
from earshot.streaming.redacted_session import RedactedSession
from earshot.streaming.redaction import find_turn_secrets
from earshot.streaming.session import LiveSession
from earshot.streaming.shared_voices import attribute_words
from earshot.testing import ScriptedDiarizer, ToneRecognizer
from earshot.transcript.words import Word
from earshot.understanding.entities.candidates import Tagged

# "one", "two" and "three" are one voice, the other words a second one.
TWO_VOICES = ScriptedDiarizer(step_hz=1600)


class NumbersAreNames:
    """A tagger that takes "two" and "six" for people."""

    def tag(self, words: Sequence[Word]) -> list[Tagged]:
        return [
            Tagged("person_name", index, index + 1, is_sure=False)
            for index, word in enumerate(words)
            if word.text.strip(".,").lower() in ("two", "six")
        ]


class Listener:
    """Answers what a session wants at once, and keeps what else it says.

    `labelled` is the layer that wants voices, where it is not the session itself.
    """

    def __init__(
        self,
        session: LiveSession | LabelledSession | RedactedSession,
        recognizer: Recognizer | None = None,
        labelled: LabelledSession | None = None,
    ) -> None:
        self.session = session
        self.labelled = session if isinstance(session, LabelledSession) else labelled
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
            elif isinstance(event, SecretsWanted):
                self.answer_secrets(event)
            else:
                self.told.append(event)

    def answer_voices(self, wanted: VoicesWanted) -> None:
        assert self.labelled is not None
        tracks = TWO_VOICES.find_tracks(wanted.waveform, wanted.speech)
        self.take_below(self.labelled.voices_heard(wanted.request_id, tracks))

    def answer_speakers(self, wanted: SpeakersWanted) -> None:
        assert self.labelled is not None
        found = self.labelled.speakers_found(wanted.request_id, attribute_words(wanted))
        self.take_below(found)

    def answer_secrets(self, wanted: SecretsWanted) -> None:
        assert isinstance(self.session, RedactedSession)
        found = find_turn_secrets(wanted, NumbersAreNames())
        self.take(self.session.secrets_found(wanted.request_id, found))

    def take_below(self, events: Sequence[Event]) -> None:
        """Take what the layer that wants voices says."""
        if isinstance(self.session, RedactedSession):
            events = self.session.take(events)
        self.take(events)

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
