"""Submits that may come twice, with an `Idempotency-Key`: the second is answered like the first.

The key is the project's; it and the body are kept as hashes, for a day.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

import sqlalchemy as sa

from earshot.errors import IdempotencyKeyReused, RequestInvalid
from earshot.storage.submissions import (
    SubmissionRow,
    claim_submission,
    delete_submissions,
    find_submission,
)

REPEATABLE: Final = timedelta(hours=24)
MAX_KEY_CHARACTERS: Final = 255


@dataclass(frozen=True, slots=True)
class Repeatable:
    """What makes two submits the same: the key, and the body."""

    key_hash: str
    request_hash: str

    @classmethod
    def read(cls, key: str | None, body: Mapping[str, Any]) -> Self | None:
        """None without a key; RequestInvalid for one that is none. The order of members is one."""
        if key is None:
            return None
        if not key.strip() or not key.isprintable() or len(key) > MAX_KEY_CHARACTERS:
            raise RequestInvalid(
                f"Idempotency-Key must be 1 to {MAX_KEY_CHARACTERS} printable characters"
            )
        try:
            told = json.dumps(body, sort_keys=True)
        except RecursionError as error:  # the parser goes deeper than we can follow
            raise RequestInvalid("Request body must not be nested that deeply") from error
        return cls(_hash(key.strip()), _hash(told))


@dataclass(frozen=True, slots=True)
class Answered:
    """What is remembered of an answer; the rest is in the transcript."""

    transcript_id: str
    throttled: bool


def claim_repeatable(
    conn: sa.Connection,
    project_id: str,
    repeatable: Repeatable,
    answered: Answered,
    now: datetime,
) -> Answered:
    """What the first such submit was answered, which is this one where there was none before.

    Others with the same key wait until the transaction ends. Raises IdempotencyKeyReused where the
    first had another body.
    """
    new = SubmissionRow(
        project_id=project_id,
        key_hash=repeatable.key_hash,
        request_hash=repeatable.request_hash,
        transcript_id=answered.transcript_id,
        throttled=answered.throttled,
        created_at=now,
    )
    return _answer_of(claim_submission(conn, new, now - REPEATABLE), repeatable)


def find_repeated(
    conn: sa.Connection, project_id: str, repeatable: Repeatable, now: datetime
) -> Answered | None:
    """What the first such submit was answered; None where there was none, or none has ended yet.

    Raises IdempotencyKeyReused as above.
    """
    first = find_submission(conn, project_id, repeatable.key_hash, now - REPEATABLE)
    return None if first is None else _answer_of(first, repeatable)


def forget_repeats(conn: sa.Connection, now: datetime) -> None:
    """Delete what can no longer be repeated."""
    delete_submissions(conn, now - REPEATABLE)


def _answer_of(first: SubmissionRow, repeatable: Repeatable) -> Answered:
    if first.request_hash != repeatable.request_hash:
        raise IdempotencyKeyReused
    return Answered(first.transcript_id, throttled=first.throttled)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
