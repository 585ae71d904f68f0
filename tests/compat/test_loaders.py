"""The loaders of frameworks for language models: a recording in, documents out, unchanged."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.compat.conftest import framework_python
from tests.compat.test_python_sdk import OPENING
from tests.confidential import CONFIDENTIAL
from tests.processes import PATIENCE_S, Api, clean_environment

pytestmark = pytest.mark.slow

FORMS = {"text", "sentences", "paragraphs", "subtitles_srt", "subtitles_vtt"}
NO_AUDIO = "Could not transcribe file: Transcoding failed. File does not appear to contain audio."


def run(environment: str, program: str, api: Api, **task: object) -> dict[str, Any]:
    """What the program loaded, with nothing but the base URL and the key set."""
    python, path = framework_python("loaders", environment), Path(__file__).with_name(program)
    done = subprocess.run(
        [python, path, json.dumps({"url": api.url, "key": api.key, **task})],
        capture_output=True,
        text=True,
        env=clean_environment(
            ASSEMBLYAI_BASE_URL=api.url,
            ASSEMBLYAI_API_KEY=api.key,
            ASSEMBLYAI_POLLING_INTERVAL="0.2",
            HAYSTACK_TELEMETRY_ENABLED="False",
        ),
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    printed: dict[str, Any] = json.loads(done.stdout)
    return printed


def texts(documents: list[dict[str, Any]]) -> list[str]:
    return [document["text"] for document in documents]


def require_documents(loaded: dict[str, Any]) -> None:
    """Every form has the whole text, in its own pieces."""
    assert loaded.keys() == FORMS
    [whole] = loaded["text"]
    CONFIDENTIAL.hear(whole["text"])
    assert whole["text"].lower().startswith(OPENING)
    assert whole["metadata"]["status"] == "completed"
    for form in ("sentences", "paragraphs"):
        assert " ".join(piece["text"] for piece in loaded[form]) == whole["text"]
        for piece in loaded[form]:
            assert 0 <= piece["metadata"]["start"] < piece["metadata"]["end"]
            assert piece["metadata"]["words"]
    [srt] = loaded["subtitles_srt"]
    [vtt] = loaded["subtitles_vtt"]
    assert srt["text"].startswith("1\n00:00:0")
    assert vtt["text"].startswith("WEBVTT\n")


def test_langchain_loads_a_recording_in_every_form(api: Api, recordings: Path) -> None:
    printed = run(
        "langchain-community-0.4.2",
        "langchain_program.py",
        api,
        recording=str(recordings / "speech.wav"),
        page=str(recordings / "page.html"),
    )
    require_documents(printed["loaded"])
    require_documents(printed["by_id"])
    [whole] = printed["loaded"]["text"]
    assert {utterance["speaker"] for utterance in whole["metadata"]["utterances"]} == {"A"}
    for form in FORMS:
        assert texts(printed["by_id"][form]) == texts(printed["loaded"][form])
    assert printed["refusal"].startswith(NO_AUDIO)


def test_llama_index_reads_a_recording_in_every_form(api: Api, recordings: Path) -> None:
    printed = run(
        "llama-index-readers-assemblyai-0.6.0",
        "llama_index_program.py",
        api,
        recording=str(recordings / "speech.wav"),
        page=str(recordings / "page.html"),
    )
    require_documents(printed["loaded"])
    assert printed["refusal"].startswith(NO_AUDIO)


def test_haystack_transcribes_summarises_and_tells_speakers_in_a_pipeline(
    api: Api, recordings: Path
) -> None:
    printed = run(
        "assemblyai-haystack-0.1.1",
        "haystack_program.py",
        api,
        recording=str(recordings / "meeting.wav"),
        options={"summarization": True, "speaker_labels": True},
    )
    assert printed.keys() == {"transcription", "summarization", "speaker_labels"}
    [whole] = printed["transcription"]
    CONFIDENTIAL.hear(whole["text"])
    assert whole["text"].lower().startswith(OPENING)
    assert whole["metadata"]["audio_url"].startswith(f"{api.url}/upload/")
    assert api.get(whole["metadata"]["transcript_id"])["text"] == whole["text"]
    [summary] = printed["summarization"]
    assert summary["text"].startswith("- ")
    assert {one["metadata"]["speaker"] for one in printed["speaker_labels"]} == {"A", "B"}
    assert " ".join(one["text"] for one in printed["speaker_labels"]) == whole["text"]
