"""Live sessions with the official SDK: real audio, at its own pace, to a real server process."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.compat.conftest import hold_session
from tests.processes import Api, Server

OLDER, NEWER = "assemblyai-0.43.1-settings", "assemblyai-1.8.2-settings"
OPENING = "it was the best of times it was the worst of times"

pytestmark = [pytest.mark.slow, pytest.mark.alone]  # what is said takes its time

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(server: Server, api: Api, ca_path: Path, speech: Path) -> Run:
    """Holds one session with the SDK of that environment, over TLS."""

    def run_session(environment: str, **task: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        host = server.urls[1].removeprefix("https://")
        whole = {"host": host, "key": api.key, "recording": str(speech), **task}
        return hold_session(environment, "live_program.py", whole, ca_path)

    return run_session


def plain(turns: list[dict[str, Any]]) -> str:
    """What was said in all, however it is written."""
    text = " ".join(turn["transcript"] for turn in turns)
    return "".join(c for c in text.lower() if c.isalpha() or c == " ")


def turns_of(result: dict[str, Any], **wanted: object) -> list[dict[str, Any]]:
    return [
        event
        for event in result["events"]
        if event["type"] == "Turn" and all(event[name] == wanted[name] for name in wanted)
    ]


@pytest.mark.parametrize("environment", [OLDER, NEWER])
def test_words_come_while_they_are_spoken_and_turns_end(run: Run, environment: str) -> None:
    result = run(environment, parameters={"format_turns": True})
    assert result["errors"] == []
    assert result["events"][0]["type"] == "Begin"
    assert result["events"][-1]["type"] == "Termination"
    assert result["events"][-1]["audio_duration_seconds"] == 9
    assert plain(turns_of(result, end_of_turn=True, turn_is_formatted=True)).startswith(OPENING)
    assert plain(turns_of(result, end_of_turn=True, turn_is_formatted=False)).startswith(OPENING)
    assert len(turns_of(result, end_of_turn=False)) > 5


@pytest.mark.parametrize("environment", [OLDER, NEWER])
def test_a_temporary_token_opens_a_session(run: Run, environment: str) -> None:
    result = run(environment, by_token=True)
    assert result["errors"] == []
    assert plain(turns_of(result, end_of_turn=True)).startswith(OPENING)


def test_turns_that_have_ended_and_their_words_carry_speakers(run: Run) -> None:
    result = run(NEWER, parameters={"speaker_labels": True, "max_speakers": 2})
    assert result["errors"] == []
    ends = turns_of(result, end_of_turn=True)
    labels = {end["turn_order"]: end["speaker_label"] for end in ends}
    words = {end["turn_order"]: end["words"] for end in ends}
    for event in result["events"]:
        for revision in event.get("revisions", []):  # by a machine that was late, or wrong
            labels[revision["turn_order"]] = revision["speaker_label"]
            words[revision["turn_order"]] = revision["words"]
    assert set(labels.values()) == {"A"}
    assert {word["speaker"] for mine in words.values() for word in mine} == {"A"}


def test_with_redaction_a_turn_is_told_when_it_has_ended(run: Run) -> None:
    asked = {"redact_pii": True, "redact_pii_policies": ["phone_number"], "redact_pii_sub": "hash"}
    result = run(NEWER, parameters={**asked, "format_turns": True})
    assert result["errors"] == []
    assert turns_of(result, end_of_turn=False) == []
    assert plain(turns_of(result, turn_is_formatted=True)).startswith(OPENING)


def test_the_async_client_does_as_well(run: Run) -> None:
    result = run(NEWER, is_async=True, parameters={"keyterms_prompt": ["Dickens"]})
    assert result["errors"] == []
    assert plain(turns_of(result, end_of_turn=True)).startswith(OPENING)
    assert result["events"][-1]["type"] == "Termination"


@pytest.mark.parametrize("environment", [OLDER, NEWER])
def test_a_wrong_key_is_told_with_its_reason(run: Run, environment: str) -> None:
    result = run(environment, key="wrong")
    assert result["events"] == []
    assert result["errors"][0]["message"] == "Unauthorized Connection: Invalid API key"
    assert result["errors"][0]["code"] == 1008


@pytest.mark.parametrize("environment", [OLDER, NEWER])
def test_a_parameter_out_of_range_is_told_by_its_name(run: Run, environment: str) -> None:
    result = run(environment, parameters={"sample_rate": 4_000})
    assert result["events"] == []
    error = result["errors"][0]
    assert error["code"] == 3006
    assert (
        "Invalid 'sample_rate': Value error, sample_rate must be at least 8,000 Hz"
        in error["message"]
    )
