"""Statements on `job_attempts`."""

from collections.abc import Sequence

import sqlalchemy as sa

from earshot.storage.database import insert_if_absent
from earshot.storage.schema import job_attempts


def count_attempt(conn: sa.Connection, job_id: str, step: str) -> int:
    """One more attempt of that step has begun; which one it is, from 1."""
    insert_if_absent(conn, job_attempts, {"job_id": job_id, "step": step, "n_begun": 0})
    n_begun: int = conn.execute(
        job_attempts.update()
        .where(job_attempts.c.job_id == job_id, job_attempts.c.step == step)
        .values(n_begun=job_attempts.c.n_begun + 1)
        .returning(job_attempts.c.n_begun)
    ).scalar_one()
    return n_begun


def attempts_begun(conn: sa.Connection, job_id: str, step: str) -> int:
    """How many attempts of that step have begun."""
    begun = sa.select(job_attempts.c.n_begun).where(
        job_attempts.c.job_id == job_id, job_attempts.c.step == step
    )
    return conn.execute(begun).scalar() or 0


def take_back_attempt(conn: sa.Connection, job_id: str, step: str) -> None:
    """The last attempt of that step does not count: it was ended for no fault of the job's."""
    conn.execute(
        job_attempts.update()
        .where(job_attempts.c.job_id == job_id, job_attempts.c.step == step)
        .where(job_attempts.c.n_begun > 0)
        .values(n_begun=job_attempts.c.n_begun - 1)
    )


def forget_attempts(conn: sa.Connection, job_id: str) -> None:
    """Nothing is known any more of the job's attempts."""
    conn.execute(job_attempts.delete().where(job_attempts.c.job_id == job_id))


def list_attempted(conn: sa.Connection) -> Sequence[str]:
    """The ids of all jobs of which attempts are counted."""
    return conn.execute(sa.select(job_attempts.c.job_id).distinct()).scalars().all()
