"""When live speech is heard again, and how much of it."""

from dataclasses import dataclass

from earshot.streaming.agreement import DEFAULT_AGREEMENT_POLICY, AgreementPolicy
from earshot.streaming.turns import DEFAULT_TURN_MODEL, TurnModel


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


DEFAULT_HEARING_POLICY = HearingPolicy()
