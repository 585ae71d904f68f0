"""Runs in the environment of a client: holds one live session with the official SDK.

Takes what to do as one JSON object on the command line, and prints what the SDK handed to its
handlers as another. It may import nothing but the SDK and the standard library.
"""

import asyncio
import json
import sys
import time
import wave
from collections.abc import AsyncIterator, Iterator
from typing import Any

from assemblyai.streaming import v3

CHUNK_S = 0.1
ALL_EVENTS = ("Begin", "Turn", "SpeakerRevision", "Termination")
EVENTS = [name for name in ALL_EVENTS if name in v3.StreamingEvents.__members__]


class Session:
    """What one session is told."""

    def __init__(self, task: dict[str, Any]) -> None:
        self.task = task
        self.events: list[dict[str, Any]] = []
        self.errors: list[dict[str, Any]] = []

    @property
    def parameters(self) -> Any:  # noqa: ANN401 - a class of the SDK's
        return v3.StreamingParameters(**{"sample_rate": 16_000, **self.task.get("parameters", {})})

    def options(self, **credentials: Any) -> Any:  # noqa: ANN401 - of the SDK
        return v3.StreamingClientOptions(api_host=self.task["host"], **credentials)

    def note(self, _client: object, event: Any) -> None:  # noqa: ANN401 - a class of the SDK's
        dump = getattr(event, "model_dump_json", None) or event.json
        self.events.append(json.loads(dump()))

    def note_error(self, _client: object, error: Any) -> None:  # noqa: ANN401 - of the SDK
        self.errors.append({"message": str(error), "code": getattr(error, "code", None)})

    async def anote(self, client: object, event: Any) -> None:  # noqa: ANN401 - of the SDK
        self.note(client, event)

    async def anote_error(self, client: object, error: Any) -> None:  # noqa: ANN401 - of the SDK
        self.note_error(client, error)

    def chunks(self) -> Iterator[bytes]:
        """The recording, chunk by chunk, each when its last sample would have been spoken."""
        with wave.open(self.task["recording"]) as recording:
            n_frames = int(CHUNK_S * recording.getframerate())
            began_s = time.monotonic()
            due_s = began_s
            while chunk := recording.readframes(n_frames):
                due_s += CHUNK_S
                yield chunk
                time.sleep(max(0.0, due_s - time.monotonic()))

    async def achunks(self) -> AsyncIterator[bytes]:
        with wave.open(self.task["recording"]) as recording:
            n_frames = int(CHUNK_S * recording.getframerate())
            due_s = time.monotonic()
            while chunk := recording.readframes(n_frames):
                due_s += CHUNK_S
                yield chunk
                await asyncio.sleep(max(0.0, due_s - time.monotonic()))

    def run(self) -> None:
        client = v3.StreamingClient(self._credentials_by_token())
        for name in EVENTS:
            client.on(v3.StreamingEvents[name], self.note)
        client.on(v3.StreamingEvents.Error, self.note_error)
        client.connect(self.parameters)
        for chunk in self.chunks():
            if self.errors:
                break
            client.stream(chunk)
        client.disconnect(terminate=True)

    async def arun(self) -> None:
        client = v3.AsyncStreamingClient(self._credentials_by_token())
        for name in EVENTS:
            client.on(v3.StreamingEvents[name], self.anote)
        client.on(v3.StreamingEvents.Error, self.anote_error)
        await client.connect(self.parameters)
        await client.stream(self.achunks())
        await client.disconnect(terminate=True)

    def _credentials_by_token(self) -> Any:  # noqa: ANN401 - of the SDK
        """The options of the client, by a temporary token where the task wants one."""
        by_key = self.options(api_key=self.task["key"])
        if not self.task.get("by_token"):
            return by_key
        token = v3.StreamingClient(by_key).create_temporary_token(expires_in_seconds=60)
        return self.options(token=token)


def main() -> None:
    session = Session(json.loads(sys.argv[1]))
    if session.task.get("is_async"):
        asyncio.run(session.arun())
    else:
        session.run()
    json.dump({"events": session.events, "errors": session.errors}, sys.stdout)


main()
