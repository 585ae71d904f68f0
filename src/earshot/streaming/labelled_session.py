"""A live session whose turns say who spoke: a layer over one that tells words.

Voices are listened to beside the words, so these never wait. What is told waits, in its order, for
the voices of a turn that has ended: they were asked for when its last pause began.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from earshot.audio.waveform import SAMPLE_RATE, Samples
from earshot.diarization.diarizer import Track
from earshot.recognition.recognizer import Recognition
from earshot.streaming.events import (
    Event,
    HearingWanted,
    SecretsWanted,
    SpeakersWanted,
    Told,
    TurnUpdated,
    VoicesWanted,
)
from earshot.streaming.labels import (
    LabelledTurn,
    SpeakerNames,
    attribute,
    label_words,
    revise_turns,
    split_revisions,
    spoken_words,
    voices_since,
)
from earshot.streaming.options import LiveOptions
from earshot.streaming.session import LiveSession
from earshot.streaming.speakers import LiveSpeakers
from earshot.streaming.voices import VoiceListener
from earshot.transcript.options import SpeakerOptions
from earshot.transcript.times import samples_to_ms


@dataclass(frozen=True, slots=True)
class _Held:
    told: Told
    until_id: int  # of the last request for voices before it


class LabelledSession:
    """As LiveSession, with labels on turns that have ended and a revision at the end."""

    def __init__(
        self,
        session: LiveSession,
        max_speakers: int | None = None,
        listener: VoiceListener | None = None,
        speakers: LiveSpeakers | None = None,
    ) -> None:
        self._session = session
        self._max_speakers = max_speakers
        self._listener = VoiceListener() if listener is None else listener
        self._speakers = LiveSpeakers(max_speakers) if speakers is None else speakers
        self._names = SpeakerNames()
        self._held: deque[_Held] = deque()
        self._left_id = 0  # voices up to this request are not waited for
        self._tracks: list[Track] = []
        self._heard_before: list[tuple[Track, int | None]] = []  # whose, with the turns before
        self._turns: list[LabelledTurn] = []
        self._revision_id: int | None = None
        self.is_finished = False
        """Whether nothing more will come, the revision included."""

    @property
    def received_samples(self) -> int:
        return self._session.received_samples

    @property
    def held_samples(self) -> int:
        """How many samples there is memory for."""
        return self._session.held_samples + self._listener.held_samples

    def add_audio(self, samples: Samples) -> list[Event]:
        self._listener.add_audio(samples, self._session.walked_samples)
        return self._take(self._session.add_audio(samples))

    def heard(self, request_id: int, recognition: Recognition) -> list[Event]:
        return self._take(self._session.heard(request_id, recognition))

    def drop(self, request_id: int) -> list[Event]:
        return self._take(self._session.drop(request_id))

    def force_endpoint(self) -> list[Event]:
        return self._take(self._session.force_endpoint())

    def update(self, options: LiveOptions) -> list[Event]:
        return self._take(self._session.update(options))

    def finish(self) -> list[Event]:
        return self._take(self._session.finish())

    def voices_heard(self, request_id: int, tracks: Sequence[Track]) -> list[Event]:
        """Take the answer to a VoicesWanted, in any order; late ones still count for the end."""
        self._listener.take(request_id, tracks)
        return self._take([])

    def speakers_found(self, request_id: int, speakers: Sequence[int]) -> list[Event]:
        """Take the answer to a SpeakersWanted."""
        if self.is_finished:
            return []
        assert request_id == self._revision_id
        self.is_finished = True
        return list(split_revisions(revise_turns(self._turns, speakers)))

    def leave(self, request_id: int) -> list[Event]:
        """Wait no longer for that answer: who has not been heard by now is unknown."""
        self._left_id = max(self._left_id, request_id)
        if request_id == self._revision_id:
            self.is_finished = True
        return self._take([])

    def _take(self, events: Sequence[Event]) -> list[Event]:
        wanted: list[Event] = []
        for event in events:
            if isinstance(event, HearingWanted):
                voices = self._listener.listen(event)
                wanted += [event] if voices is None else [event, voices]
            else:
                assert not isinstance(event, VoicesWanted | SpeakersWanted | SecretsWanted)
                self._held.append(_Held(event, self._listener.last_id))
        return [*self._release(), *wanted, *self._conclude()]

    def _release(self) -> list[Event]:
        released: list[Event] = []
        while self._held and not self._is_awaited(self._held[0]):
            held = self._held.popleft()
            told = held.told
            if isinstance(told, TurnUpdated) and told.is_end:
                told = self._label(told, held.until_id)
            released.append(told)
        return released

    def _is_awaited(self, held: _Held) -> bool:
        is_end = isinstance(held.told, TurnUpdated) and held.told.is_end
        return is_end and self._listener.awaits(self._left_id, held.until_id)

    def _label(self, end: TurnUpdated, until_id: int) -> TurnUpdated:
        """The end of a turn with its speakers; the formatted one has those of the plain one."""
        if self._turns and self._turns[-1].turn_order == end.turn_order:
            turn = self._turns[-1]
        else:
            turn = self._hear_turn(end, until_id)
            self._turns.append(turn)
        turn.words = label_words(end.words, turn.speakers, turn.spoken)
        return replace(end, words=turn.words, speaker_label=turn.label)

    def _hear_turn(self, end: TurnUpdated, until_id: int) -> LabelledTurn:
        tracks = self._listener.take_heard(until_id)
        self._tracks += tracks
        spoken = spoken_words(end)
        heard = list(zip(tracks, self._speakers.assign(tracks), strict=True))
        # A turn that was cut in the middle of speech left words to this one, and has their voices.
        near = [*voices_since(spoken[0].start_ms, self._heard_before), *heard]
        self._heard_before = near
        owners = attribute(spoken, near)
        names = tuple(self._names.name(owner) for owner in owners)
        return LabelledTurn(end.turn_order, end.words, spoken, names)

    def _conclude(self) -> list[Event]:
        """When all turns have been told: who spoke in them, now that all was heard."""
        last_id = self._listener.last_id
        is_over = self._session.is_finished and not self._held and not self.is_finished
        if (
            not is_over
            or self._revision_id is not None
            or self._listener.awaits(self._left_id, last_id)
        ):
            return []
        self._tracks += self._listener.take_heard(last_id)
        self._revision_id = last_id + 1
        if not self._turns or not self._tracks:
            self.is_finished = True
            return []
        return [
            SpeakersWanted(
                self._revision_id,
                tuple(self._tracks),
                tuple(word for turn in self._turns for word in turn.spoken),
                SpeakerOptions(maximum=self._max_speakers),
                samples_to_ms(self.received_samples, SAMPLE_RATE),
            )
        ]
