"""How jobs are run: how many at once, how often, for how long."""

import os
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePolicy:
    """The knobs of a worker; every process of an installation should be given the same ones.

    `jobs_per_account` is over all workers. `jobs_per_worker` counts jobs that merely wait for
    their parts too, and so is larger than `parts_per_worker`, which bounds what computes; one
    account alone cannot have them all.
    """

    jobs_per_account: int = 200  # "concurrent transcriptions", paid
    jobs_per_worker: int = 64
    jobs_per_account_and_worker: int = 16
    parts_per_worker: int = field(default_factory=lambda: os.cpu_count() or 1)
    asks_per_worker: int = 32  # they wait for others' answers, and compute next to nothing
    webhooks_per_worker: int = 500  # nearly all of them asleep between two attempts

    attempts: int = 3
    retry_delay_s: float = 0.5  # doubles with every attempt

    webhook_attempts: int = 10  # "total of 10 attempts"
    webhook_interval_s: float = 10.0  # "10 s apart"

    # A step that the database's absence ended is no attempt, for that long.
    outage_limit_s: float = 600.0

    # A worker whose step takes longer is taken for stuck and ended.
    prepare_limit_s: float = 3 * 3600.0  # a download of 5 GB over a slow line, then decoding
    part_limit_s: float = 600.0
    finish_limit_s: float = 3600.0  # redacted audio of ten hours, on a machine that is busy
    ask_limit_s: float = 2 * 3600.0  # each of its questions has a limit of its own

    # Work is looked for when its commit rings, and that often in case a ring was missed.
    poll_s: float = 2.0
    handover_grace_s: float = 1.0
    sweep_interval_s: float = 3600.0
    # Long enough that no job of which a step could still be repeated is forgotten.
    history_kept_s: float = 24 * 3600.0

    @property
    def parts_at_hand(self) -> int:
        """Twice as many as compute at once, so that the next is at hand when one is done."""
        return 2 * self.parts_per_worker

    @property
    def prepares_per_worker(self) -> int:
        """Each may take a decoder's memory; yet some only wait for a slow download."""
        return 2 * self.parts_per_worker
