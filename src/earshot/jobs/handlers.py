"""What a job does: filled in by wiring, for this package knows nothing of speech."""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Protocol

import sqlalchemy as sa

# Enqueues the job's webhook in the caller's transaction; a second call changes nothing.
Announce = Callable[[sa.Connection], None]
# Says that the part with this index can be run from now on, though there may be more to come.
Offer = Callable[[int], None]


class DeliveryVerdict(Enum):
    """What became of one attempt to deliver a webhook."""

    DELIVERED = "delivered"
    RETRY = "retry"  # the receiver may be better next time
    REFUSED = "refused"  # the receiver does not want it, ever
    NONE = "none"  # there is no such message


class JobHandlers(Protocol):
    """The steps of one job.

    Each may be run again after a crash, even when it had done all of its work: what it has done
    already must do no harm. Several are called at once, each on its own thread. A CallerError ends
    the job at once, with `fail`; TransitionImpossible says that the job was ended by other hands,
    and ends it quietly; anything else is tried again, a bounded number of times.
    """

    def prepare(self, job_id: str, offer: Offer) -> int:
        """Make ready what the parts need and return how many parts there are; 0 is allowed.

        A part that is offered may run before this returns, on any worker, and one that is not runs
        after it. Each part must be the same when this is run again: it may have been done by then.
        What `offer` raises is to be passed on.
        """

    def run_part(self, job_id: str, part_index: int) -> None:
        """Do one part of the work and keep its result where `finish` finds it."""

    def finish(self, job_id: str, announce: Announce) -> bool:
        """Join the parts and commit the result, and the announcement with it.

        False where others are to be asked first: it is called again after `ask`. It computes, and
        shares the cores with the parts.
        """

    def ask(self, job_id: str) -> None:
        """Ask others for what the result still lacks, and keep it where `finish` finds it.

        It waits more than it computes, and so holds no core. What was answered in a run before is
        not to be asked for again.
        """

    def fail(self, job_id: str, error: Exception, announce: Announce) -> None:
        """Commit that the job failed, and the announcement with it."""

    def deliver(self, job_id: str, attempt: int, message_index: int) -> DeliveryVerdict:
        """Try once to deliver a message of the webhook; `attempt` counts from 1 for each.

        A message is sent when what became of the one before it is known. Which index is which
        message must never change, whatever happens between two of them.
        """

    def sweep(self) -> None:
        """Delete what nobody needs any more; called about once an hour, by one worker."""

    def under_way(self) -> Sequence[str]:
        """The jobs that were submitted and have not ended, by their own records."""
