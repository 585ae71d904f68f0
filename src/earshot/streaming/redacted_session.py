"""A live session whose turns are told without what must be hidden: a layer over one that tells all.

What must be hidden is found beside the session, so that hearing never waits. What is told waits for
it, in its order.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from earshot.audio.waveform import Samples
from earshot.recognition.recognizer import Recognition
from earshot.streaming.events import (
    Event,
    HearingWanted,
    Passage,
    SecretsWanted,
    SpeakerRevision,
    SpeakersRevised,
    SpeakersWanted,
    Told,
    TurnUpdated,
    VoicesWanted,
)
from earshot.streaming.labelled_session import LabelledSession
from earshot.streaming.options import LiveOptions
from earshot.streaming.redaction import Hidden, TurnSecrets, as_word, hide_live_words
from earshot.streaming.session import LiveSession
from earshot.transcript.options import RedactionOptions
from earshot.transcript.words import Word
from earshot.understanding.redaction.repeats import Secret

# What was said before a turn tells what is in it: an announcement, the beginning of a number. From
# so long before its start at most, and so many words.
CONTEXT_MS = 30_000
CONTEXT_WORDS = 80
# Secrets of the session that must not be said again; of more, the first are forgotten.
MAX_KNOWN = 1000


class RedactedSession:
    """As the session under it, which was opened with a redaction."""

    def __init__(self, session: LiveSession | LabelledSession, redaction: RedactionOptions) -> None:
        self._session = session
        self._redaction = redaction
        self._spoken_before: list[Word] = []
        self._written_before: list[Word] = []
        self._untold: deque[Told] = deque()
        self._unasked: deque[TurnUpdated] = deque()  # one at a time, as each tells of the next
        self._asked: TurnUpdated | None = None
        self._last_order = -1  # of the turns that are or were to be asked about
        self._n_requests = 0
        self._known: dict[Secret, None] = {}
        self._hidden: dict[int, Sequence[Hidden]] = {}  # by the order of the turn

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will come, and everything was told."""
        return self._session.is_finished and not self._untold

    @property
    def received_samples(self) -> int:
        return self._session.received_samples

    @property
    def held_samples(self) -> int:
        """How many samples there is memory for."""
        return self._session.held_samples

    def add_audio(self, samples: Samples) -> list[Event]:
        return self.take(self._session.add_audio(samples))

    def heard(self, request_id: int, recognition: Recognition) -> list[Event]:
        return self.take(self._session.heard(request_id, recognition))

    def drop(self, request_id: int) -> list[Event]:
        return self.take(self._session.drop(request_id))

    def force_endpoint(self) -> list[Event]:
        return self.take(self._session.force_endpoint())

    def update(self, options: LiveOptions) -> list[Event]:
        """Go on with other options, but for the redaction: it holds for the whole session."""
        return self.take(self._session.update(options))

    def finish(self) -> list[Event]:
        return self.take(self._session.finish())

    def secrets_found(self, request_id: int, found: TurnSecrets) -> list[Event]:
        """Take the answer to a SecretsWanted."""
        assert request_id == self._n_requests
        assert self._asked is not None
        self._hidden[self._asked.turn_order] = found.hidden
        self._asked = None
        self._known |= dict.fromkeys(found.known)
        for forgotten in list(self._known)[: max(0, len(self._known) - MAX_KNOWN)]:
            del self._known[forgotten]
        return [*self._release(), *self._ask_next()]

    def take(self, events: Sequence[Event]) -> list[Event]:
        """What to do and to tell of what the session under it says."""
        wanted: list[Event] = []
        for event in events:
            if isinstance(event, HearingWanted | VoicesWanted | SpeakersWanted | SecretsWanted):
                wanted.append(event)
                continue
            self._untold.append(event)
            # The formatted form of a turn, which is told after it, hides the same.
            if isinstance(event, TurnUpdated) and event.turn_order > self._last_order:
                self._last_order = event.turn_order
                self._unasked.append(event)
        return [*self._release(), *wanted, *self._ask_next()]

    def _ask_next(self) -> list[Event]:
        if self._asked is not None or not self._unasked:
            return []
        self._asked = self._unasked.popleft()
        return [self._ask(self._asked)]

    def _ask(self, end: TurnUpdated) -> SecretsWanted:
        assert end.is_end  # what is open would show what the end hides
        assert end.written is not None
        self._n_requests += 1
        spoken = tuple(as_word(word, word.form or word.text) for word in end.words)
        written = tuple(as_word(word, word.text) for word in end.written)
        wanted = SecretsWanted(
            self._n_requests,
            self._redaction,
            Passage(_near(self._spoken_before, spoken), spoken),
            Passage(_near(self._written_before, written), written),
            tuple(self._known),
        )
        self._spoken_before = _recent(self._spoken_before, spoken)
        self._written_before = _recent(self._written_before, written)
        return wanted

    def _release(self) -> list[Event]:
        released: list[Event] = []
        while self._untold and not self._is_awaited(self._untold[0]):
            released.append(self._hide(self._untold.popleft()))
        return released

    def _is_awaited(self, told: Told) -> bool:
        return isinstance(told, TurnUpdated) and told.turn_order not in self._hidden

    def _hide(self, told: Told) -> Told:
        if isinstance(told, TurnUpdated):
            return self._hide_turn(told)
        if isinstance(told, SpeakersRevised):
            return SpeakersRevised(tuple(map(self._hide_revision, told.revisions)))
        return told

    def _hide_turn(self, turn: TurnUpdated) -> TurnUpdated:
        hidden = self._hidden[turn.turn_order]
        words = hide_live_words(turn.words, hidden, self._redaction.substitution)
        redacted = replace(turn, words=words, written=None)
        return replace(redacted, utterance=redacted.transcript if turn.utterance else "")

    def _hide_revision(self, revision: SpeakerRevision) -> SpeakerRevision:
        hidden = self._hidden[revision.turn_order]
        words = hide_live_words(revision.words, hidden, self._redaction.substitution)
        return replace(revision, words=words)


def _near(before: Sequence[Word], words: Sequence[Word]) -> tuple[Word, ...]:
    return tuple(word for word in before if words and _is_near(word, words[0]))


def _is_near(word: Word, first: Word) -> bool:
    return word.end_ms > first.start_ms - CONTEXT_MS


def _recent(before: Sequence[Word], words: Sequence[Word]) -> list[Word]:
    return [*before, *words][-CONTEXT_WORDS:]
