"""The first real-time API with the last official SDK that speaks it, over TLS."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.compat.conftest import hold_session
from tests.processes import Api, Server

ENVIRONMENTS = ("assemblyai-0.43.1", "assemblyai-0.43.1-settings")
OPENING = "It was the best of times"

pytestmark = [pytest.mark.slow, pytest.mark.alone]  # what is said takes its time

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(server: Server, api: Api, ca_path: Path, speech: Path) -> Run:
    def run_session(environment: str, **task: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        whole = {"base_url": server.urls[1], "key": api.key, "recording": str(speech), **task}
        return hold_session(environment, "realtime_program.py", whole, ca_path)

    return run_session


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_what_is_said_comes_back_in_partial_and_final_transcripts(
    run: Run, environment: str
) -> None:
    heard = run(environment, by_token=True, options={"word_boost": ["Dickens"]})
    assert heard["errors"] == []
    assert len(heard["opened"]) == 1
    assert heard["finals"][0].startswith(OPENING)
    assert any(partial.startswith(OPENING.lower()) for partial in heard["partials"])
    assert heard["information"] == [9.0]
    assert heard["closed"] == [True]


def test_partial_transcripts_can_be_left_out(run: Run) -> None:
    heard = run(ENVIRONMENTS[0], options={"disable_partial_transcripts": True})
    assert heard["partials"] == []
    assert heard["finals"][0].startswith(OPENING)


def test_a_wrong_key_has_the_text_of_its_code(run: Run) -> None:
    heard = run(ENVIRONMENTS[0], key="wrong")
    assert "Not Authorized" in heard["errors"]
    assert heard["finals"] == []
