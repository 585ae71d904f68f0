"""The commands and the sample of the page on known voices do what it says, in its order."""

import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from earshot.audio.waveform import SAMPLE_RATE, Samples
from tests.docs.markdown import DOCS, blocks_of
from tests.processes import PATIENCE_S, Installation, write_wav

PAGE = DOCS / "howto" / "known-voices.md"


@pytest.mark.slow
def test_who_is_enrolled_is_named_and_who_is_deleted_is_not(
    install: Callable[..., Installation],
    tmp_path: Path,
    two_cities: Samples,
    beckett: Samples,
    another_reader: Samples,
) -> None:
    write_wav(tmp_path / "maria-1.wav", beckett)
    write_wav(tmp_path / "maria-2.wav", two_cities[-12 * SAMPLE_RATE :])
    pause = np.zeros(SAMPLE_RATE, dtype=np.float32)
    meeting = [two_cities[: 12 * SAMPLE_RATE], pause, another_reader]
    write_wav(tmp_path / "meeting.wav", np.concatenate(meeting))
    installation = install()
    server = installation.serve()
    sdk = {"ASSEMBLYAI_BASE_URL": server.url, "ASSEMBLYAI_API_KEY": installation.key}
    printed = []
    for block in blocks_of(PAGE):
        if block.language == "json":
            continue
        if block.language == "python":
            command = [sys.executable, "-c", block.code]
        else:
            command = [sys.executable, "-m", *shlex.split(block.code)]
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env=installation.environment | sdk,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        assert done.returncode == 0, done.stderr
        printed.append(done.stdout)
    enrolled, transcript, deleted = printed
    assert enrolled.startswith("Maria: known by 2 recordings, ")
    spoken = [line.partition(":")[0] for line in transcript.splitlines()]
    assert spoken == ["Maria", "Speaker B"]
    assert deleted == "deleted Maria\n"
