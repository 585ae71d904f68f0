"""Nothing leaves the machine, by the kernel's own count, in a namespace without a network."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from earshot.models.store import ModelStore
from tests.egress_guard import EgressGuard
from tests.processes import PATIENCE_S, clean_environment

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("offline_scenario.py")


def test_a_server_at_work_attempts_no_connection_that_nobody_asked_for(
    tmp_path: Path, models: ModelStore, speech: bytes, egress_guard: EgressGuard
) -> None:
    if os.geteuid() != 0 or shutil.which("ip") is None or shutil.which("unshare") is None:
        pytest.skip("only root can make a network namespace, with unshare and ip")
    if subprocess.run(["unshare", "--net", "true"], capture_output=True).returncode != 0:
        pytest.skip("a network namespace is not allowed here")
    recording = tmp_path / "speech.wav"
    recording.write_bytes(speech)
    arguments = [str(tmp_path / "installation"), str(models.folder), str(recording)]
    modules = os.environ["PYTHONPATH"]  # noqa: TID251 - of Python
    with egress_guard.lifted():  # the kernel counts instead
        done = subprocess.run(
            ["unshare", "--net", sys.executable, str(PROGRAM), *arguments],
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE_S,
            env=clean_environment(PYTHONPATH=os.pathsep.join((modules, str(ROOT)))),
        )
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["text"].lower().startswith("it was the best of times")
    assert facts["attempts"] == 0
    assert facts["wanted"].startswith("Download error")
    assert facts["attempts_when_asked"] > 0  # the count does see what would leave
