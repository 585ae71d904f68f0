from collections.abc import Callable
from pathlib import Path

import pytest

from earshot.audio.waveform import SAMPLE_RATE, Samples
from earshot.testing import silence
from tests.processes import Installation, write_wav


@pytest.mark.slow
@pytest.mark.alone
def test_a_recording_is_shown_as_it_is_spoken(
    install: Callable[..., Installation], two_cities: Samples, tmp_path: Path
) -> None:
    installation = install()
    server = installation.serve("--role", "live")
    server.await_ready()
    recording = write_wav(tmp_path / "speech.wav", two_cities[: 6 * SAMPLE_RATE])
    done = installation.run("stream", str(recording), "--url", server.url)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("It was the best of times")
    done = installation.run("stream", str(recording), "--url", server.url, "--speakers")
    assert done.stdout.startswith(("A: It was the best of times", "UNKNOWN: It was"))
    assert "words; half of them shown within" in done.stderr


@pytest.mark.slow
def test_a_wrong_key_is_told_in_the_server_s_words(
    install: Callable[..., Installation], tmp_path: Path
) -> None:
    installation = install()
    server = installation.serve("--role", "live")
    recording = write_wav(tmp_path / "silence.wav", silence(1000))
    done = installation.run("stream", str(recording), "--url", server.url, "--key", "wrong")
    assert done.returncode == 3
    assert "Unauthorized Connection: Invalid API key" in done.stderr


def test_without_a_key_the_command_says_where_it_looked(
    install: Callable[..., Installation], tmp_path: Path
) -> None:
    recording = write_wav(tmp_path / "silence.wav", silence(100))
    done = install().run("stream", str(recording))
    assert done.returncode == 3
    assert "first-key" in done.stderr


@pytest.mark.slow
def test_what_is_no_recording_is_said_to_be_none(
    install: Callable[..., Installation], tmp_path: Path
) -> None:
    installation = install()
    server = installation.serve("--role", "live")
    (tmp_path / "letter.txt").write_text("Dear all,")
    done = installation.run("stream", str(tmp_path / "letter.txt"), "--url", server.url)
    assert done.returncode == 3
    assert done.stderr.startswith("earshot: Transcoding failed. File does not appear to contain")
    done = installation.run("stream", str(tmp_path / "none.wav"), "--url", server.url)
    assert done.returncode == 2
    assert "does not exist" in done.stderr
