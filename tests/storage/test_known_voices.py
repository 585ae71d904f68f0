from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import sqlalchemy as sa

from earshot.storage.known_voices import (
    KnownVoiceRow,
    delete_known_voice,
    hold_known_voices,
    insert_known_voice,
    list_known_voices,
    update_known_voice,
)
from earshot.storage.projects import insert_project_if_absent
from earshot.transcript.clock import utc_now

EMBEDDING = np.array([0.6, -0.8, 1e-7], dtype=np.float32)
MARIA = KnownVoiceRow("p", "María José", "pyannote", EMBEDDING, 21_500, 2, utc_now())


@pytest.fixture
def conn(engine: sa.Engine) -> Iterator[sa.Connection]:
    with engine.begin() as connection:
        for project in ("p", "q"):
            insert_project_if_absent(connection, project, f"project {project}", utc_now())
        yield connection


def test_a_voice_comes_back_whole(conn: sa.Connection) -> None:
    insert_known_voice(conn, MARIA)
    (found,) = list_known_voices(conn, "p")
    assert found.embedding.dtype == np.float32
    assert found.embedding.tolist() == EMBEDDING.tolist()
    assert (found.name, found.engine, found.clean_ms) == ("María José", "pyannote", 21_500)
    assert (found.n_recordings, found.created_at) == (2, MARIA.created_at)


def test_the_voices_of_a_project_come_by_name_and_no_others(conn: sa.Connection) -> None:
    for voice in (
        MARIA,
        replace(MARIA, name="Annabel"),
        replace(MARIA, project_id="q", name="Boris"),
    ):
        insert_known_voice(conn, voice)
    assert [voice.name for voice in hold_known_voices(conn, "p")] == ["Annabel", "María José"]
    assert [voice.name for voice in list_known_voices(conn, "q")] == ["Boris"]


def test_a_name_is_one_voice_in_a_project(conn: sa.Connection) -> None:
    insert_known_voice(conn, MARIA)
    insert_known_voice(conn, replace(MARIA, project_id="q"))
    with pytest.raises(sa.exc.IntegrityError), conn.begin_nested():
        insert_known_voice(conn, MARIA)


def test_an_update_replaces_the_one_voice(conn: sa.Connection) -> None:
    insert_known_voice(conn, MARIA)
    insert_known_voice(conn, replace(MARIA, project_id="q"))
    update_known_voice(conn, replace(MARIA, embedding=-EMBEDDING, n_recordings=3))
    (changed,), (other,) = list_known_voices(conn, "p"), list_known_voices(conn, "q")
    assert (changed.embedding.tolist(), changed.n_recordings) == ((-EMBEDDING).tolist(), 3)
    assert (other.embedding.tolist(), other.n_recordings) == (EMBEDDING.tolist(), 2)


def test_a_deleted_voice_is_gone_and_the_same_name_elsewhere_stays(conn: sa.Connection) -> None:
    insert_known_voice(conn, MARIA)
    insert_known_voice(conn, replace(MARIA, project_id="q"))
    assert delete_known_voice(conn, "p", "María José")
    assert not delete_known_voice(conn, "p", "María José")
    assert list_known_voices(conn, "p") == []
    assert len(list_known_voices(conn, "q")) == 1
