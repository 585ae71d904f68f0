"""What one project may take, where an administrator has said so; out of the box nothing of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Final, Self


@dataclass(frozen=True, slots=True)
class ProjectLimits:
    """None is no limit of the project's own.

    Transcripts and `lemur_per_min` are counted in the database, the others in each process.
    `new_live_sessions_per_min` grows and shrinks with use, see `accounts.autoscale`.
    """

    concurrent_transcripts: int | None = None
    requests_per_5_min: int | None = None
    live_sessions: int | None = None
    new_live_sessions_per_min: int | None = None
    lemur_per_min: int | None = None

    @classmethod
    def load(cls, stored: Mapping[str, int | None] | None) -> Self:
        """As they were stored; what a newer release stored beside them is passed over."""
        names = [one.name for one in fields(cls)]
        return cls(**{name: stored[name] for name in names if stored and name in stored})

    def dump(self) -> dict[str, int | None] | None:
        """To be stored; None where there is none."""
        given = {name: value for name, value in asdict(self).items() if value is not None}
        return given or None


NO_LIMITS: Final = ProjectLimits()
