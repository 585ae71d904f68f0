"""What a walkthrough of S3 shows: store a recording, presign it, have it transcribed, wait.

Takes a task as JSON, prints the transcript as JSON.
"""

import json
import sys
import time
from typing import Any

import boto3  # type: ignore[import-untyped]  # it has no types
import requests

POLL_S = 0.3


def main(task: dict[str, Any]) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=task["bucket"])
    s3.upload_file(task["file"], task["bucket"], task["key"])
    presigned_url = s3.generate_presigned_url(
        ClientMethod="get_object",
        Params={"Bucket": task["bucket"], "Key": task["key"]},
        ExpiresIn=100,
    )
    endpoint = f"{task['base_url']}/v2/transcript"
    headers = {"authorization": task["api_key"], "content-type": "application/json"}
    submitted = requests.post(
        endpoint, json={"audio_url": presigned_url}, headers=headers, timeout=60
    ).json()
    while True:
        transcript = requests.get(
            f"{endpoint}/{submitted['id']}", headers=headers, timeout=60
        ).json()
        if transcript["status"] in ("completed", "error"):
            sys.stdout.write(json.dumps(transcript))
            return
        time.sleep(POLL_S)


main(json.loads(sys.argv[1]))
