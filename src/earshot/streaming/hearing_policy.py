"""When live speech is heard again, and how much of it."""

from dataclasses import dataclass

from earshot.audio.speech import FRAME_SAMPLES
from earshot.audio.waveform import SAMPLE_RATE
from earshot.streaming.agreement import DEFAULT_AGREEMENT_POLICY, AgreementPolicy
from earshot.streaming.turns import DEFAULT_TURN_MODEL, TurnModel
from earshot.transcript.times import ms_to_samples

# An answer should be there when the silence is long enough to end the turn.
SETTLED_BEFORE_END_FRAMES = 2
MIN_SETTLE_FRAMES = 3


@dataclass(frozen=True, slots=True)
class HearingPolicy:
    """When an open turn is heard, and how much of it.

    It is heard every `step_frames` while somebody speaks, once `pause_frames` after they stopped,
    and, if a word is open then, once more at `settle_frames` or a little before the shortest
    silence that ends a turn. `lead_ms` before the first speech are heard too, or up to
    `max_context_ms` of the turn before if that ended at most `max_context_pause_ms` earlier. A
    window of over `max_window_ms` loses its beginning, up to the widest pause that leaves at least
    `keep_window_ms` and at most half as much again.

    A turn of `long_turn_words`, some two minutes, ends in its next pause, however short; one of
    `max_turn_words` ends without a pause, and what is not final yet is of the next turn. Every
    message about a turn has all of its words: they must not become ever longer. With a redaction
    there is one, and what must be hidden is found in whole turns: such a turn goes on in short
    pauses, and up to `max_redacted_words`.
    """

    step_frames: int = 8
    pause_frames: int = 5
    settle_frames: int = 10
    lead_ms: int = 300
    max_context_ms: int = 6_000
    max_context_pause_ms: int = 1_300
    max_window_ms: int = 10_000
    keep_window_ms: int = 4_000
    long_turn_words: int = 300
    max_turn_words: int = 350
    max_redacted_words: int = 2000
    agreement: AgreementPolicy = DEFAULT_AGREEMENT_POLICY
    turn_model: TurnModel = DEFAULT_TURN_MODEL

    @property
    def lead_samples(self) -> int:
        return ms_to_samples(self.lead_ms, SAMPLE_RATE)

    def settle_frames_before(self, min_silence_ms: int) -> int:
        """How long after the end of speech its last words are heard, if so much may end a turn."""
        min_silence_frames = ms_to_samples(min_silence_ms, SAMPLE_RATE) // FRAME_SAMPLES
        before_end = min_silence_frames - SETTLED_BEFORE_END_FRAMES
        return max(MIN_SETTLE_FRAMES, min(self.settle_frames, before_end))

    def is_long(self, n_words: int, *, is_redacted: bool) -> bool:
        """Whether a turn of so many final words ends in its next pause."""
        return not is_redacted and n_words >= self.long_turn_words

    def is_full(self, n_words: int, *, is_redacted: bool) -> bool:
        """Whether a turn of so many final words ends without a pause."""
        return n_words >= (self.max_redacted_words if is_redacted else self.max_turn_words)


DEFAULT_HEARING_POLICY = HearingPolicy()
