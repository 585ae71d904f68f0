from collections.abc import Iterator

import numpy as np
import pytest
import sqlalchemy as sa

from earshot.diarization.diarizer import Embedding
from earshot.diarization.known_voices import KnownVoice
from earshot.diarization.speakers import Speaker
from earshot.pipeline.known_voices import (
    NONE_KNOWN,
    KnownVoices,
    load_known_voices,
    name_speakers,
)
from earshot.storage.known_voices import KnownVoiceRow, insert_known_voice
from earshot.storage.projects import insert_project_if_absent
from earshot.testing import NOON
from earshot.transcript.words import Word


def voice(number: int) -> Embedding:
    embedding = np.zeros(8, dtype=np.float32)
    embedding[number] = 1.0
    return embedding


def speaker(number: int) -> Speaker:
    return Speaker((), voice(number))


def word(label: str, start_ms: int, channel: int | None = None) -> Word:
    return Word("so", start_ms, start_ms + 100, 0.9, label, channel)


KNOWN = KnownVoices((KnownVoice("Maria", voice(1)), KnownVoice("Theodora", voice(2))))


@pytest.fixture
def conn(engine: sa.Engine) -> Iterator[sa.Connection]:
    with engine.begin() as connection:
        for project in ("p", "q"):
            insert_project_if_absent(connection, project, f"project {project}", NOON)
        for project, name, model in (
            ("p", "Maria", "ours"),
            ("p", "Theodora", "older"),
            ("q", "Xanthippe", "ours"),
        ):
            row = KnownVoiceRow(project, name, model, voice(1), 9_000, 1, NOON)
            insert_known_voice(connection, row)
        yield connection


def test_only_voices_of_the_project_that_the_engine_can_compare_are_known(
    conn: sa.Connection,
) -> None:
    known = load_known_voices(conn, "p", "ours")
    assert [(one.name, one.embedding.tolist()) for one in known.voices] == [
        ("Maria", voice(1).tolist())
    ]


def test_voices_of_another_model_are_spoken_of_and_so_is_that_there_are_none(
    conn: sa.Connection,
) -> None:
    (warning,) = load_known_voices(conn, "p", "ours").warnings
    assert "passes over 1 of the enrolled voices" in warning
    assert "Theodora" not in warning
    assert load_known_voices(conn, "q", "ours").warnings == ()
    assert load_known_voices(conn, "nobody", "ours").warnings == (NONE_KNOWN,)


def test_the_known_come_in_the_order_in_which_they_first_speak() -> None:
    words = [word("A", 0), word("B", 200), word("C", 400), word("A", 600)]
    speakers = {"B": speaker(2), "C": speaker(5), "A": speaker(1)}
    named = name_speakers(words, speakers, KNOWN)
    assert [(one.speaker, one.name) for one in named] == [("A", "Maria"), ("B", "Theodora")]


def test_one_person_may_be_on_two_channels_and_is_one_speaker_on_each() -> None:
    words = [word("1A", 0, 1), word("2A", 200, 2), word("2B", 400, 2)]
    speakers = {"1A": speaker(1), "2A": speaker(2), "2B": speaker(1)}
    named = name_speakers(words, speakers, KNOWN)
    assert [(one.speaker, one.name) for one in named] == [
        ("1A", "Maria"),
        ("2A", "Theodora"),
        ("2B", "Maria"),
    ]


def test_a_label_of_whose_voice_nothing_is_known_has_no_name() -> None:
    assert name_speakers([word("A", 0)], {}, KNOWN) == ()
    assert name_speakers([], {"A": speaker(1)}, KNOWN) == ()
