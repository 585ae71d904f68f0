import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.long_recording import long_table, repeat_to, transcribe_with_speakers
from earshot.audio.waveform import SAMPLE_RATE, Samples, pcm16_from_samples


@pytest.mark.parametrize("duration_s", [0.5, 1.5, 4.0])
def test_recordings_are_repeated_in_their_order_for_exactly_so_long(duration_s: float) -> None:
    one, other = np.arange(SAMPLE_RATE, dtype=np.int16), np.full(80, -1, dtype=np.int16)
    pcm = repeat_to([one, other], duration_s)
    assert len(pcm) == duration_s * SAMPLE_RATE
    row = np.concatenate([one, other])
    assert np.array_equal(pcm, np.resize(row, len(pcm)))


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.skipif(sys.platform != "linux", reason="these figures are Linux's")
def test_a_run_has_its_words_speakers_time_and_memory(two_cities: Samples) -> None:
    pcm = np.frombuffer(pcm16_from_samples(two_cities), dtype=np.int16)
    table = long_table([pcm], 9.0)
    (row,) = table.rows
    assert len(row) == len(table.columns)
    values = dict(zip(table.columns, row, strict=True))
    assert values["Recording"] == "0.15 minutes"
    assert float(values["x realtime"]) == pytest.approx(9 / float(values["seconds"]), abs=0.1)
    assert 0.1 < float(values["most memory, GB"]) <= float(values["with its decoder, GB"])
    assert int(values["words"]) > 10
    assert values["speakers"] == "1"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="these figures are Linux's")
def test_a_command_that_fails_is_no_figure(tmp_path: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"no audio")
    with pytest.raises(subprocess.CalledProcessError):
        transcribe_with_speakers(broken, tmp_path / "out.json")
