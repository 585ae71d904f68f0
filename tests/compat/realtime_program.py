"""Runs in the environment of a client: a session of the first real-time API with the official SDK.

Takes what to do as one JSON object on the command line, and prints what the SDK handed to its
callbacks as another. It may import nothing but the SDK and the standard library.
"""

import json
import os
import sys
import time
import wave
from collections.abc import Iterator
from typing import Any

import assemblyai as aai

CHUNK_S = 0.1


def chunks(path: str) -> Iterator[bytes]:
    """The recording, chunk by chunk, each when its last sample would have been spoken."""
    with wave.open(path) as recording:
        due_s = time.monotonic()
        while chunk := recording.readframes(int(CHUNK_S * recording.getframerate())):
            due_s += CHUNK_S
            time.sleep(max(0.0, due_s - time.monotonic()))
            yield chunk


def main() -> None:
    task = json.loads(sys.argv[1])
    heard: dict[str, list[Any]] = {
        name: [] for name in ("opened", "partials", "finals", "information", "errors", "closed")
    }
    aai.settings.base_url = task["base_url"]
    aai.settings.api_key = task["key"]
    options = dict(task.get("options", {}))
    if task.get("by_token"):
        options["token"] = aai.RealtimeTranscriber.create_temporary_token(expires_in=60)

    def on_data(transcript: Any) -> None:  # noqa: ANN401 - a class of the SDK's
        is_final = isinstance(transcript, aai.RealtimeFinalTranscript)
        heard["finals" if is_final else "partials"].append(transcript.text)

    transcriber = aai.RealtimeTranscriber(
        sample_rate=16_000,
        on_data=on_data,
        on_error=lambda error: heard["errors"].append(str(error)),
        on_open=lambda session: heard["opened"].append(str(session.session_id)),
        on_close=lambda: heard["closed"].append(True),
        on_extra_session_information=lambda one: heard["information"].append(
            one.audio_duration_seconds
        ),
        **options,
    )
    transcriber.connect()
    if not heard["errors"]:
        transcriber.configure_end_utterance_silence_threshold(500)
        transcriber.stream(chunks(task["recording"]))
        transcriber.close()
    json.dump(heard, sys.stdout)
    sys.stdout.flush()
    # Where the server ended the session, the SDK's thread that writes waits for ever.
    os._exit(0)


main()
