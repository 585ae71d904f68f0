"""No library that we load keeps notes about this machine to send to its vendor."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import earshot


@pytest.mark.slow
@pytest.mark.parametrize(
    "module",
    [
        "wiring.worker",
        "wiring.models",
        "cli.transcribe",
        "recognition.engines.whisper",
        "recognition.engines.parakeet",
    ],
)
def test_loading_what_recognizes_speech_leaves_nothing_to_be_reported(
    module: str, tmp_path: Path
) -> None:
    # Not our environment: ONNX Runtime reports nothing where it takes the machine for a CI.
    environment = {"HOME": str(tmp_path), "PYTHONPATH": os.environ["PYTHONPATH"]}  # noqa: TID251 - the guard's
    loading = [sys.executable, "-c", f"import earshot.{module}, onnxruntime"]
    subprocess.run(loading, env=environment, cwd=Path(earshot.__file__).parents[1], check=True)
    assert list(tmp_path.rglob("*")) == []
