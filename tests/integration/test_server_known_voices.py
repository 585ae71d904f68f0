"""A voice that is enrolled, recognised by a real server, and deleted to its last byte."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from earshot.audio.waveform import SAMPLE_RATE, Samples
from tests.confidential import CONFIDENTIAL
from tests.processes import Installation, write_wav

pytestmark = pytest.mark.slow

NAME = "Philomena Quist"
ASKING = {"speaker_labels": True, "speaker_options": {"name_known_voices": True}}


def vectors(installation: Installation) -> list[bytes]:
    with closing(sqlite3.connect(installation.data / "earshot.db")) as database:
        return [row[0] for row in database.execute("SELECT embedding FROM known_voices")]


def files_with(installation: Installation, sought: bytes) -> list[str]:
    files = [path for path in installation.data.rglob("*") if path.is_file()]
    return [path.name for path in files if sought in path.read_bytes()]


def test_a_voice_is_recognised_until_it_is_deleted_and_then_no_byte_of_it_is_left(
    install: Callable[..., Installation],
    tmp_path: Path,
    two_cities: Samples,
    beckett: Samples,
    another_reader: Samples,
) -> None:
    installation = install()
    server = installation.serve()
    api = installation.api(server)
    pause = np.zeros(SAMPLE_RATE, dtype=np.float32)
    meeting = np.concatenate([another_reader, pause, two_cities[: 15 * SAMPLE_RATE]])
    recording = write_wav(tmp_path / "meeting.wav", meeting).read_bytes()
    voice = write_wav(tmp_path / "voice.wav", beckett)  # the reader of `two_cities`, another day

    nobody = api.transcribe(recording, **ASKING)
    assert nobody["known_speakers"] == []
    assert "no voice is enrolled" in nobody["metadata"]["warning"]

    CONFIDENTIAL.keep(NAME)  # from here on in no log
    enrolled = installation.run("speakers", "enroll", NAME, str(voice))
    assert enrolled.returncode == 0, enrolled.stderr
    (vector,) = vectors(installation)
    assert files_with(installation, vector[:64])

    named = api.transcribe(recording, **ASKING)
    (known,) = named["known_speakers"]
    assert (known["speaker"], known["name"]) == ("B", NAME)
    assert 0.5 < known["confidence"] < 1
    labels = [utterance["speaker"] for utterance in named["utterances"]]
    assert labels == [utterance["speaker"] for utterance in nobody["utterances"]]
    assert "known_speakers" not in api.transcribe(recording, speaker_labels=True)

    other = installation.api(server, installation.new_key("law", project="law"))
    assert other.transcribe(recording, **ASKING)["known_speakers"] == []

    assert installation.run("speakers", "delete", NAME).returncode == 0
    assert files_with(installation, vector[:64]) == []
    api.json("DELETE", f"/v2/transcript/{named['id']}")
    assert files_with(installation, NAME.encode()) == []
    assert api.transcribe(recording, **ASKING)["known_speakers"] == []
