"""Upload, submit, poll, read: the whole API flow with plain `requests`.

export ASSEMBLYAI_BASE_URL=http://127.0.0.1:8000
export ASSEMBLYAI_API_KEY=...        # earshot keys create laptop
python examples/requests_flow.py recording.wav
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

import requests

POLL_INTERVAL_S = 0.5
TIMEOUT_S = 30

base_url = os.environ["ASSEMBLYAI_BASE_URL"].rstrip("/")
http = requests.Session()
http.headers["Authorization"] = os.environ["ASSEMBLYAI_API_KEY"]


def call(method: str, path: str, **request: Any) -> requests.Response:  # noqa: ANN401 - passed on
    """Answer of the server; a refusal ends the program with the server's own words."""
    answer = http.request(method, base_url + path, timeout=TIMEOUT_S, **request)
    if answer.status_code != requests.codes.ok:
        sys.exit(f"{method} {path}: {answer.status_code} {answer.text}")
    return answer


def main(recording: str) -> None:
    with Path(recording).open("rb") as media:
        upload_url = call("POST", "/v2/upload", data=media).json()["upload_url"]

    transcript = call("POST", "/v2/transcript", json={"audio_url": upload_url}).json()
    path = f"/v2/transcript/{transcript['id']}"
    while transcript["status"] in ("queued", "processing"):
        time.sleep(POLL_INTERVAL_S)
        transcript = call("GET", path).json()
    if transcript["status"] == "error":
        sys.exit(f"Transcription failed: {transcript['error']}")

    print(transcript["text"])
    for paragraph in call("GET", f"{path}/paragraphs").json()["paragraphs"]:
        print(f"{paragraph['start'] / 1000:>7.2f} s  {paragraph['text']}")
    found = call("GET", f"{path}/word-search", params={"words": "the,and"}).json()
    for match in found["matches"]:
        print(f"{match['text']!r}: {match['count']}, first at word {match['indexes'][0]}")
    if transcript["text"]:
        print(call("GET", f"{path}/vtt", params={"chars_per_caption": 42}).text)
    call("DELETE", path)


if __name__ == "__main__":
    main(*sys.argv[1:])
