"""What the page of MAVI's wrapper shows: one request, and the transcript is in its answer.

Takes a task as JSON, prints the answer's status and body as JSON.
"""

import json
import sys
from typing import Any

import requests


def main(task: dict[str, Any]) -> None:
    url = f"{task['base_url']}/serve/api/v2/transcriptions/speech-to-text"
    headers = {"Authorization": task["api_key"], "Content-Type": "application/json"}
    payload = {"provider": "assemblyai", **task["parameters"]}
    response = requests.post(url, headers=headers, json=payload, timeout=180)
    sys.stdout.write(json.dumps({"status": response.status_code, "body": response.json()}))


main(json.loads(sys.argv[1]))
