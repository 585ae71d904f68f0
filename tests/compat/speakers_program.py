"""What the tutorial of speaker labels shows: upload a file, submit it, poll, print who said what.

Takes a task as JSON, prints the transcript as JSON.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import requests

POLL_S = 0.3


def main(task: dict[str, Any]) -> None:
    base_url = task["base_url"]
    headers = {"authorization": task["api_key"]}
    with Path(task["file"]).open("rb") as f:
        response = requests.post(base_url + "/v2/upload", headers=headers, data=f, timeout=60)
    upload_url = response.json()["upload_url"]
    data = {"audio_url": upload_url, "speaker_labels": True, **task["options"]}
    url = base_url + "/v2/transcript"
    response = requests.post(url, json=data, headers=headers, timeout=60)
    transcript_id = response.json()["id"]
    polling_endpoint = base_url + "/v2/transcript/" + transcript_id
    while True:
        transcription_result = requests.get(polling_endpoint, headers=headers, timeout=60).json()
        if transcription_result["status"] == "completed":
            break
        if transcription_result["status"] == "error":
            raise RuntimeError(f"Transcription failed: {transcription_result['error']}")
        time.sleep(POLL_S)
    lines = [
        f"Speaker {utterance['speaker']}: {utterance['text']}"
        for utterance in transcription_result["utterances"]
    ]
    sys.stdout.write(json.dumps({"transcript": transcription_result, "lines": lines}))


main(json.loads(sys.argv[1]))
