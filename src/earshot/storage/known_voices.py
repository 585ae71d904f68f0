"""Statements on `known_voices`: what people sound like. Biometric data; never to be logged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from earshot.storage.schema import known_voices, projects

Embedding = npt.NDArray[np.float32]  # (n_dimensions,)


@dataclass(frozen=True, slots=True, eq=False)
class KnownVoiceRow:
    """A voice that a project knows by name; the name is unique in the project.

    `embedding` is the mean of `n_recordings`, weighted by how much was spoken in each, `clean_ms`
    in all. Those of two engines cannot be compared.
    """

    project_id: str
    name: str
    engine: str
    embedding: Embedding
    clean_ms: int
    n_recordings: int
    created_at: datetime


def hold_known_voices(conn: sa.Connection, project_id: str) -> Sequence[KnownVoiceRow]:
    """As `list_known_voices`, and until the transaction ends nobody else adds to them."""
    held = sa.select(projects.c.id).where(projects.c.id == project_id)
    conn.execute(held.with_for_update(key_share=True))
    return list_known_voices(conn, project_id)


def list_known_voices(conn: sa.Connection, project_id: str) -> Sequence[KnownVoiceRow]:
    """All voices that the project knows, by name."""
    rows = conn.execute(
        sa.select(known_voices)
        .where(known_voices.c.project_id == project_id)
        .order_by(known_voices.c.name)
    )
    return [_load(row) for row in rows]


def insert_known_voice(conn: sa.Connection, row: KnownVoiceRow) -> None:
    conn.execute(known_voices.insert().values(_dump(row)))


def update_known_voice(conn: sa.Connection, row: KnownVoiceRow) -> None:
    """What the project's voice of that name sounds like is now what the row says."""
    conn.execute(known_voices.update().where(_is(row.project_id, row.name)).values(_dump(row)))


def delete_known_voice(conn: sa.Connection, project_id: str, name: str) -> bool:
    """False if there was none of that name. `empty_log` is to be called after the transaction."""
    return conn.execute(known_voices.delete().where(_is(project_id, name))).rowcount == 1


def delete_project_voices(conn: sa.Connection, project_id: str) -> None:
    conn.execute(known_voices.delete().where(known_voices.c.project_id == project_id))


def _is(project_id: str, name: str) -> sa.ColumnElement[bool]:
    return sa.and_(known_voices.c.project_id == project_id, known_voices.c.name == name)


def _dump(row: KnownVoiceRow) -> dict[str, Any]:
    return {
        "project_id": row.project_id,
        "name": row.name,
        "engine": row.engine,
        "embedding": row.embedding.astype("<f4").tobytes(),
        "clean_ms": row.clean_ms,
        "n_recordings": row.n_recordings,
        "created_at": row.created_at,
    }


def _load(row: sa.Row[Any]) -> KnownVoiceRow:
    values = dict(row._mapping)
    values["embedding"] = np.frombuffer(values["embedding"], dtype="<f4").astype(np.float32)
    return KnownVoiceRow(**values)
