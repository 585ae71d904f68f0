from itertools import islice, pairwise
from pathlib import Path

import numpy as np

from benchmarks.datasets import Clip
from benchmarks.long_session import CHUNK_SAMPLES, N_MARKS, PAUSE_S, endless_chunks, marked
from benchmarks.recordings import write_wav
from earshot.audio.waveform import SAMPLE_RATE


def test_chunks_are_the_recordings_with_pauses_again_and_again(tmp_path: Path) -> None:
    lengths = (1_001, 2_345)
    clips = []
    for number, n_samples in enumerate(lengths, 1):
        pcm = np.full(n_samples, number, dtype=np.int16)
        path = write_wav(tmp_path / f"{number}.wav", [pcm])
        clips.append(Clip(number, path.name, "any", path, n_samples / SAMPLE_RATE, "words"))
    round_trip = sum(lengths) + 2 * round(PAUSE_S * SAMPLE_RATE)
    chunks = list(islice(endless_chunks(clips), 3 * round_trip // CHUNK_SAMPLES))
    assert {len(chunk) for chunk in chunks} == {CHUNK_SAMPLES}
    heard = np.concatenate(chunks)
    assert [int((heard[:round_trip] == number).sum()) for number in (1, 2)] == list(lengths)
    assert np.array_equal(heard[:round_trip], heard[round_trip : 2 * round_trip])


def test_memory_is_looked_at_in_even_steps_up_to_the_end() -> None:
    chunks = iter([np.zeros(CHUNK_SAMPLES, dtype=np.int16)] * 10_000)
    marks = [heard_s for _, heard_s in marked(chunks, 60.0) if heard_s is not None]
    assert len(marks) == N_MARKS
    assert marks[-1] == 60.0
    assert len({round(b - a, 6) for a, b in pairwise(marks)}) == 1
