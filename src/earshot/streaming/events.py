"""What a live session gives out: what its client is told, and what it wants done."""

from dataclasses import dataclass, field

from earshot.audio.speech import Span
from earshot.audio.waveform import Waveform
from earshot.diarization.diarizer import Track
from earshot.recognition.recognizer import NO_DRAFT, Draft, Hints
from earshot.transcript.options import RedactionOptions, SpeakerOptions
from earshot.transcript.words import Word
from earshot.understanding.redaction.repeats import Secret


@dataclass(frozen=True, slots=True)
class LiveWord:
    """A word of a turn, in ms from the start of the session's audio.

    A word that is final never changes, but for its `speaker`, who is told at the end of the turn.
    Only the last word of a turn may be otherwise. `form` is how the recognizer writes it, with
    capitals and marks.
    """

    text: str
    start_ms: int
    end_ms: int
    confidence: float
    is_final: bool
    speaker: str | None = None
    form: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class LanguageHeard:
    """What a turn sounds like, and how likely that is; `und` is what has no name."""

    code: str
    confidence: float


@dataclass(frozen=True, slots=True)
class TurnUpdated:
    """A turn as it now stands: all of its words, the final ones first.

    `end_confidence` is how likely its speaker is done. `utterance` is the text that a pause has
    just finished, once, else empty. A turn that `is_end` is not told again, but for the one time
    that `is_formatted`, where `formatted_follows`. `language` is there at an utterance or an end,
    if it was asked for.

    The end of a turn of which something may have to be hidden has the `written` words of its
    formatted form: it is not to be told before that was found, and has none then.
    """

    turn_order: int
    words: tuple[LiveWord, ...]
    is_end: bool
    is_formatted: bool
    end_confidence: float
    utterance: str = ""
    speaker_label: str | None = None
    language: LanguageHeard | None = None
    formatted_follows: bool = False
    written: tuple[LiveWord, ...] | None = field(default=None, compare=False, repr=False)

    @property
    def transcript(self) -> str:
        """The text of the words that are final."""
        return " ".join(word.text for word in self.words if word.is_final)


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Somebody began to speak; a turn follows if words are heard."""

    at_ms: int
    confidence: float


@dataclass(frozen=True, slots=True)
class SpeakerRevision:
    """A turn whose speakers are known better now."""

    turn_order: int
    speaker_label: str
    words: tuple[LiveWord, ...]


@dataclass(frozen=True, slots=True)
class SpeakersRevised:
    """Turns that were told with other speakers."""

    revisions: tuple[SpeakerRevision, ...]


@dataclass(frozen=True, slots=True)
class HearingWanted:
    """An effect: this has to be recognised, and the answer given back by its `request_id`.

    Until then the session takes audio but goes no further. `draft` is what the recognizer said
    when the beginning of the same audio was last heard. What `is_urgent` must not be dropped.
    `wanted_at_samples` is where the session stands, `lag_samples` how much audio it had received
    beyond that. `speech` is where somebody spoke lately, in samples from the start of the session.
    """

    request_id: int
    waveform: Waveform
    hints: Hints
    is_urgent: bool
    wanted_at_samples: int
    lag_samples: int = 0
    draft: Draft = NO_DRAFT
    asks_language: bool = False
    speech: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class VoicesWanted:
    """An effect: who is heard here, to be given back as tracks in ms from the waveform's start.

    `speech` is what has not been listened to before, in samples of the waveform; the audio around
    it only helps. The session goes on meanwhile; it had received `lag_samples` beyond the end.
    """

    request_id: int
    waveform: Waveform
    speech: tuple[Span, ...]
    lag_samples: int = 0


@dataclass(frozen=True, slots=True)
class SpeakersWanted:
    """An effect: of all voices of the session, which are one speaker's, and who said each word.

    What comes back is an index for each of the words, the same for those of one speaker.
    """

    request_id: int
    tracks: tuple[Track, ...]
    words: tuple[Word, ...]
    options: SpeakerOptions
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Passage:
    """The words of a turn, and some that were said before it and tell what they are."""

    before: tuple[Word, ...]
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class SecretsWanted:
    """An effect: what must be hidden in a turn, to be given back as stretches of time.

    It is there twice, as it was spoken and as it is written. `known` are secrets that were found
    in the session before. The session goes on meanwhile.
    """

    request_id: int
    redaction: RedactionOptions
    spoken: Passage = field(repr=False)
    written: Passage = field(repr=False)
    known: tuple[Secret, ...] = field(default=(), repr=False)


Told = TurnUpdated | SpeechStarted | SpeakersRevised
Event = Told | HearingWanted | VoicesWanted | SpeakersWanted | SecretsWanted
