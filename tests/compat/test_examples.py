"""The programs in `examples/` do what they say, as they are, against a real server."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.compat.conftest import client_python
from tests.processes import PATIENCE_S, Api, Server, clean_environment

EXAMPLES = Path(__file__).parents[2] / "examples"
OPENING = "it was the best of times"


def run_example(api: Api, *command: str | Path, **settings: str) -> str:
    """What the example printed."""
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        env=clean_environment(ASSEMBLYAI_BASE_URL=api.url, ASSEMBLYAI_API_KEY=api.key, **settings),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow  # the SDK polls every 3 s
def test_the_sdk_s_example_prints_words_sentences_and_subtitles(
    api: Api, environment: str, speech: Path
) -> None:
    python = client_python(environment)
    said = run_example(api, python, EXAMPLES / "sdk_transcribe.py", speech)
    assert said.lower().startswith(OPENING)
    assert "\n1\n00:00:0" in said


def test_the_example_with_requests_prints_the_text(api: Api, speech: Path) -> None:
    said = run_example(api, sys.executable, EXAMPLES / "requests_flow.py", speech)
    assert said.lower().startswith(OPENING)


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
def test_the_example_with_curl_prints_the_text(api: Api, speech: Path) -> None:
    said = run_example(api, "sh", EXAMPLES / "curl_flow.sh", speech)
    assert said.lower().startswith(OPENING)


def test_the_example_with_requests_trusts_the_local_authority(
    api: Api, server: Server, speech: Path, ca_path: Path
) -> None:
    over_tls = Api(server.urls[1], api.key)
    program = EXAMPLES / "requests_flow.py"
    said = run_example(over_tls, sys.executable, program, speech, REQUESTS_CA_BUNDLE=str(ca_path))
    assert said.lower().startswith(OPENING)


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
def test_the_example_with_curl_trusts_the_local_authority(
    api: Api, server: Server, speech: Path, ca_path: Path
) -> None:
    over_tls = Api(server.urls[1], api.key)
    program = EXAMPLES / "curl_flow.sh"
    said = run_example(over_tls, "sh", program, speech, CURL_CA_BUNDLE=str(ca_path))
    assert said.lower().startswith(OPENING)


@pytest.mark.parametrize("program", ["requests_flow.py", "curl_flow.sh"])
def test_an_example_ends_with_the_server_s_words_where_the_key_is_wrong(
    api: Api, speech: Path, program: str
) -> None:
    interpreter = sys.executable if program.endswith(".py") else "sh"
    done = subprocess.run(
        [interpreter, EXAMPLES / program, speech],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        env=clean_environment(ASSEMBLYAI_BASE_URL=api.url, ASSEMBLYAI_API_KEY="wrong"),
    )
    assert done.returncode == 1
    assert "Authentication error, API token missing/invalid" in done.stderr
