"""The samples of the page on speakers and channels print who said what."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from earshot.audio.waveform import SAMPLE_RATE, Samples
from tests.docs.markdown import DOCS, blocks_of
from tests.processes import PATIENCE_S, Installation, write_wav

PAGE = DOCS / "howto" / "speakers-and-channels.md"
SAMPLES = [block.code for block in blocks_of(PAGE) if block.language == "python"]


@pytest.mark.slow
def test_the_samples_print_two_speakers_and_two_channels(
    install: Callable[..., Installation],
    tmp_path: Path,
    two_cities: Samples,
    another_reader: Samples,
) -> None:
    installation = install()
    server = installation.serve()
    first, second = two_cities[: 12 * SAMPLE_RATE], another_reader
    pause = np.zeros(SAMPLE_RATE, dtype=np.float32)
    write_wav(tmp_path / "meeting.wav", np.concatenate([first, pause, second]))
    length = max(len(first), len(second))
    tracks = [np.pad(track, (0, length - len(track))) for track in (first, second)]
    write_wav(tmp_path / "call.wav", *tracks)
    sdk = {"ASSEMBLYAI_BASE_URL": server.url, "ASSEMBLYAI_API_KEY": installation.key}
    printed = []
    for sample in SAMPLES:
        done = subprocess.run(
            [sys.executable, "-c", sample],
            cwd=tmp_path,
            env=installation.environment | sdk,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        assert done.returncode == 0, done.stderr
        printed.append(done.stdout.splitlines())
    speakers, _, channels, _ = printed
    assert [line.partition(":")[0] for line in speakers] == ["Speaker A", "Speaker B"]
    assert {line.partition(":")[0] for line in channels} == {"Channel 1", "Channel 2"}
    assert "best of times" in speakers[0].lower()
    assert "america" in speakers[1].lower()
