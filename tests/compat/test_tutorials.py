"""Programs as tutorials print them, with plain `requests` and another base URL.

That of S3 is in `integration/test_server_sources.py`, where there is a bucket.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.compat.test_python_sdk import OPENING
from tests.confidential import CONFIDENTIAL
from tests.processes import PATIENCE_S, Api, clean_environment
from tests.receiver import Receiver

pytestmark = pytest.mark.slow


def run(program: str, api: Api, **task: object) -> dict[str, Any]:
    """What the program printed, as JSON."""
    task |= {"base_url": api.url, "api_key": api.key}
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name(program), json.dumps(task)],
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    printed: dict[str, Any] = json.loads(done.stdout)
    return printed


def test_the_tutorial_of_speaker_labels_prints_who_said_what(api: Api, recordings: Path) -> None:
    printed = run("speakers_program.py", api, file=str(recordings / "meeting.wav"), options={})
    CONFIDENTIAL.hear(printed["transcript"]["text"])
    first, *others = printed["lines"]
    assert first.lower().startswith(f"speaker a: {OPENING}")
    assert {line.partition(":")[0] for line in others} >= {"Speaker B"}
    utterances = printed["transcript"]["utterances"]
    words = [word for utterance in utterances for word in utterance["words"]]
    assert [word["text"] for word in words] == printed["transcript"]["text"].split()
    assert all(word["speaker"] in {"A", "B"} for word in words)


def test_the_tutorial_of_speaker_labels_may_say_how_many_there_are(
    api: Api, recordings: Path
) -> None:
    printed = run(
        "speakers_program.py",
        api,
        file=str(recordings / "meeting.wav"),
        options={"speakers_expected": 1},
    )
    CONFIDENTIAL.hear(printed["transcript"]["text"])
    assert printed["transcript"]["speakers_expected"] == 1
    assert {line.partition(":")[0] for line in printed["lines"]} == {"Speaker A"}


def test_the_request_of_mavi_s_page_is_answered_with_the_transcript(
    api: Api, receiver: Receiver
) -> None:
    parameters = {"url": f"{receiver.url}/meeting.wav", "speaker_labels": True}
    printed = run("mavi_program.py", api, parameters=parameters)
    assert printed["status"] == 200
    body = printed["body"]
    assert (body["code"], body["msg"], body["failed"], body["success"]) == (
        200,
        "success",
        False,
        True,
    )
    transcript = body["data"]
    CONFIDENTIAL.hear(transcript["text"])
    assert transcript["status"] == "completed"
    assert transcript["text"].lower().startswith(OPENING)
    assert transcript["audio_url"] == parameters["url"]
    assert {utterance["speaker"] for utterance in transcript["utterances"]} == {"A", "B"}
    assert all("speaker" in word for word in transcript["words"])


@pytest.mark.parametrize("scheme", ["gs", "s3"])
def test_a_bucket_that_nobody_allowed_is_refused_in_mavi_s_envelope(api: Api, scheme: str) -> None:
    printed = run("mavi_program.py", api, parameters={"source_url": f"{scheme}://calls/a.wav"})
    assert printed["status"] == 400
    body = printed["body"]
    assert (body["code"], body["data"], body["failed"], body["success"]) == (400, None, True, False)
    assert body["msg"].startswith(f"audio_url with {scheme}:// is not available on this server")
