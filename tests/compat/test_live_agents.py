"""The plugins of agent frameworks against a real server, with real audio at its own pace."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.compat.conftest import framework_python
from tests.processes import Api, Server, clean_environment

OPENING = "it was the best of times"

pytestmark = [pytest.mark.slow, pytest.mark.alone]


@pytest.mark.parametrize(
    ("environment", "program", "options"),
    [
        ("livekit-1.8.9", "livekit_program.py", {}),
        ("livekit-1.8.9", "livekit_program.py", {"model": "universal-streaming-english"}),
        ("pipecat-1.14.0", "pipecat_program.py", {}),
        ("pipecat-1.14.0", "pipecat_program.py", {"model": "universal-streaming-english"}),
    ],
)
def test_an_agent_hears_what_is_said(
    server: Server,
    api: Api,
    speech: Path,
    environment: str,
    program: str,
    options: dict[str, Any],
) -> None:
    task = {
        "url": server.url.replace("http", "ws", 1),
        "key": api.key,
        "recording": str(speech),
        "options": options,
    }
    path = Path(__file__).with_name(program)
    done = subprocess.run(
        [framework_python("agents", environment), str(path), json.dumps(task)],
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    heard = json.loads(done.stdout)
    assert "".join(c for c in heard["finals"][0].lower() if c.isalpha() or c == " ").startswith(
        OPENING
    )
    assert heard["n_interims"] > 3
