"""The official Node SDK's synchronous transcriber against a real server."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.compat.conftest import run_with_node
from tests.compat.test_live_node import SDK
from tests.compat.test_python_sdk import OPENING, said
from tests.processes import Api, Server

pytestmark = pytest.mark.slow

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(server: Server, api: Api, speech: Path) -> Run:
    """Has the SDK transcribe a recording, and returns what came of it."""

    def transcribe(path: Path = speech, *, is_live: bool = False, **config: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        task = {
            "url": server.url,
            "key": api.key,
            "path": str(path),
            "isLive": is_live,
            "config": config,
        }
        return run_with_node("sync_program.mjs", SDK, task)

    return transcribe


@pytest.mark.parametrize("is_live", [False, True])
def test_a_short_recording_becomes_words_in_one_request(run: Run, is_live: bool) -> None:
    answer = run(is_live=is_live, timestamps=True, keyterms_prompt=["worst of times"])["value"]
    assert said(answer).startswith(OPENING)
    assert answer["audio_duration_ms"] == 9000
    assert all(0 <= word["start"] < word["end"] <= 9000 for word in answer["words"])


def test_what_is_refused_has_the_code_that_programs_read(run: Run, recordings: Path) -> None:
    refused = run(recordings / "page.html")
    assert (refused["raised"], refused["status"]) == ("SyncTranscriptError", 400)
    assert refused["code"] == "bad_audio"
