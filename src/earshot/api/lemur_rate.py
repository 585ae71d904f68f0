"""How often a project may ask in a minute, and what the headers say of it."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from earshot.accounts.projects import hold_owner
from earshot.storage.lemur import NewLemurRequest, hold_lemur_requests, insert_lemur_request

WINDOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a request may be answered; without a `limit`, it may in any case."""

    is_admitted: bool
    limit: int | None = None
    remaining: int = 0
    reset_s: int = 0

    @property
    def headers(self) -> dict[str, str]:
        """None at all where there is no limit, as the compatible API has it."""
        if self.limit is None:
            return {}
        told = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset_s),
        }
        return told if self.is_admitted else {**told, "Retry-After": str(self.reset_s)}


def admit(conn: sa.Connection, new: NewLemurRequest, limit: int | None) -> Admission:
    """Store the request, unless as many as the limit were stored in the minute before.

    Of all servers on one database, and however many ask at once. KeyInvalid where the project was
    deleted meanwhile.
    """
    hold_owner(conn, new.project_id)
    if limit is None:
        insert_lemur_request(conn, new)
        return Admission(is_admitted=True)
    earlier = hold_lemur_requests(conn, new.project_id, new.created_at - WINDOW)
    is_admitted = len(earlier) < limit
    if is_admitted:
        insert_lemur_request(conn, new)
    oldest = min([*earlier, new.created_at])
    remaining = max(0, limit - len(earlier) - 1)
    return Admission(is_admitted, limit, remaining, _seconds_until(oldest + WINDOW, new.created_at))


def _seconds_until(moment: datetime, now: datetime) -> int:
    return max(1, math.ceil((moment - now).total_seconds()))
