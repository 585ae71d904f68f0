"""Transcripts over the limit of their project: they wait without a job until there is room."""

from collections.abc import Callable

import sqlalchemy as sa

from earshot.accounts.limits import ProjectLimits
from earshot.storage.database import reading
from earshot.storage.held_transcripts import (
    hold_project_count,
    projects_with_held,
    release_transcripts,
)
from earshot.storage.projects import find_project

# How long after one has ended the next begins.
LOOK_S = 0.5
Submit = Callable[[sa.Connection, str, str], None]  # a job, for a project, in that transaction


def must_wait(conn: sa.Connection, project_id: str, limits: ProjectLimits) -> bool:
    """Whether one more transcript of the project is to be held, in the caller's transaction.

    Those that are held are counted: nobody overtakes them.
    """
    most = limits.concurrent_transcripts
    return most is not None and hold_project_count(conn, project_id) >= most


def release_waiting(engine: sa.Engine, submit: Submit) -> int:
    """Submit the jobs of transcripts for which there is room now; how many. May be called twice."""
    with reading(engine) as conn:
        waiting = projects_with_held(conn)
    n_released = 0
    for project_id in waiting:
        with engine.begin() as conn:
            project = find_project(conn, project_id)
            if project is None or project.deleted_at is not None:
                continue  # its transcripts are about to be deleted, and its limits are gone
            limits = ProjectLimits.load(project.limits)
            released = release_transcripts(conn, project_id, limits.concurrent_transcripts)
            for transcript_id in released:
                submit(conn, transcript_id, project_id)
        n_released += len(released)
    return n_released
