"""Voices without recordings: unit vectors, and tracks that have them."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from earshot.diarization.catalog import load_diarizer
from earshot.diarization.diarizer import Diarizer, Embedding, Stretch, Track
from earshot.models.store import ModelStore

MakeTrack = Callable[..., Track]
N_DIMENSIONS = 256


@pytest.fixture(scope="session")
def embedded_diarizer(models: ModelStore) -> Diarizer:
    return load_diarizer(models)


def voice(number: int, wobble: float = 0.0, seed: int = 0) -> Embedding:
    """What the speaker of that number sounds like; `wobble` is how little the same each time."""
    random = np.random.default_rng(number)
    away = np.random.default_rng(1000 + seed).normal(size=N_DIMENSIONS)
    mine = random.normal(size=N_DIMENSIONS)
    mixed = mine / np.linalg.norm(mine) + wobble * away / np.linalg.norm(away)
    unit: Embedding = (mixed / np.linalg.norm(mixed)).astype(np.float32)
    return unit


@pytest.fixture
def make_track() -> MakeTrack:
    """A track of the speaker of that number, who speaks alone in all of the stretches."""

    def make(number: int | None, *spans: tuple[int, int], wobble: float = 0.0) -> Track:
        stretches = tuple(Stretch(*span) for span in spans)
        spoken_ms = sum(stretch.duration_ms for stretch in stretches)
        if number is None:
            return Track(stretches, None, 0)
        return Track(stretches, voice(number, wobble, seed=spans[0][0]), spoken_ms)

    return make


def spans_of(stretches: Sequence[Stretch]) -> list[tuple[int, int]]:
    return [(stretch.start_ms, stretch.end_ms) for stretch in stretches]
