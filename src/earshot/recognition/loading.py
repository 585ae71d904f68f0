"""What an engine is loaded from, and what it runs on."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Device = Literal["auto", "cpu", "cuda"]
SecondHearings = Literal["short", "always", "never"]


@dataclass(frozen=True, slots=True)
class ComputeOptions:
    """Where engines run. `auto` is a GPU where the engine's runtime finds one, else the CPU.

    `compute_type` is the kind of number that Whisper models calculate with, by its CTranslate2
    name; `auto` is `int8` on the CPU and `float16` on a GPU. On the CPU, up to `n_threads` calls
    run at the same time, on one core each. `second_hearings` says where the embedded engine hears
    doubtful speech again at other speeds: in short recordings, live and over a telephone, or in all
    recordings, or nowhere.
    """

    device: Device = "auto"
    compute_type: str = "auto"
    n_threads: int = os.cpu_count() or 1
    second_hearings: SecondHearings = "short"


DEFAULT_COMPUTE = ComputeOptions()
CPU_ONLY = ComputeOptions(device="cpu")


@dataclass(frozen=True, slots=True)
class EngineModel:
    """A model that is ready to be loaded: its folder holds all of its files, checked."""

    name: str
    folder: Path
    languages: frozenset[str]


@dataclass(frozen=True, slots=True)
class PoolPolicy:
    """How much memory the engines may take that are loaded on demand, and for how long unused.

    Their size is taken from that of their files. An engine over the limit by itself is not offered.
    """

    max_loaded_bytes: int = 8_000_000_000
    idle_s: float = 900.0
