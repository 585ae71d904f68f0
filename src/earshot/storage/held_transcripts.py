"""Statements on `transcripts` that are held back: they have no job until they are released."""

from collections.abc import Sequence

import sqlalchemy as sa

from earshot.storage.schema import projects, transcripts

# Queued or processing, in the words that the index of these has.
_IS_UNDER_WAY = transcripts.c.completed_at.is_(None)
_IS_HELD = sa.and_(transcripts.c.held.is_(True), _IS_UNDER_WAY)


def hold_project_count(conn: sa.Connection, project_id: str) -> int:
    """How many of the project's transcripts are under way, those that are held too.

    Until the transaction ends, nobody else who asks gets an answer for that project.
    """
    locked = sa.select(projects.c.id).where(projects.c.id == project_id)
    conn.execute(locked.with_for_update(key_share=True))
    counted = sa.select(sa.func.count()).select_from(transcripts)
    of_project = transcripts.c.project_id == project_id
    count: int = conn.execute(counted.where(of_project, _IS_UNDER_WAY)).scalar_one()
    return count


def projects_with_held(conn: sa.Connection) -> Sequence[str]:
    """The ids of projects that have transcripts that are held."""
    return conn.scalars(sa.select(transcripts.c.project_id).where(_IS_HELD).distinct()).all()


def release_transcripts(conn: sa.Connection, project_id: str, n_running: int | None) -> list[str]:
    """The ids of those that need wait no longer, oldest first: `n_running` may run in all.

    None for no limit. The caller is to submit their jobs in the same transaction.
    """
    n_under_way = hold_project_count(conn, project_id)
    of_project = transcripts.c.project_id == project_id
    oldest = sa.select(transcripts.c.id).where(of_project, _IS_HELD)
    held = list(conn.scalars(oldest.order_by(transcripts.c.sequence)))
    if n_running is not None:
        held = held[: max(0, n_running - (n_under_way - len(held)))]
    return [transcript_id for transcript_id in held if _release(conn, transcript_id)]


def _release(conn: sa.Connection, transcript_id: str) -> bool:
    """False where it was cancelled or deleted since it was looked for."""
    which = sa.and_(transcripts.c.id == transcript_id, _IS_HELD)
    return conn.execute(transcripts.update().where(which).values(held=False)).rowcount == 1
