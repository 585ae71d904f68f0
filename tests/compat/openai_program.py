"""Does with OpenAI's SDK what it is told, for the tests; run by the SDK's own environment.

Each line of its input is a task, `{"base_url": ..., "key": ..., "action": ..., "path": ...,
...arguments}`; it is answered with one line of JSON.
"""

import json
import sys
from pathlib import Path
from typing import Any

import openai

Facts = dict[str, Any]


def _shown(answer: Any) -> Any:  # noqa: ANN401 - any answer of the SDK
    return answer if isinstance(answer, str) else answer.model_dump()


def transcribe(client: openai.OpenAI, path: str, **options: Any) -> Facts:  # noqa: ANN401
    with Path(path).open("rb") as file:
        answer = client.audio.transcriptions.create(file=file, **options)
    return {"type": type(answer).__name__, "answer": _shown(answer)}


def stream(client: openai.OpenAI, path: str, **options: Any) -> Facts:  # noqa: ANN401
    with Path(path).open("rb") as file:
        events = client.audio.transcriptions.create(file=file, stream=True, **options)
        return {"events": [_shown(event) for event in events]}


def translate(client: openai.OpenAI, path: str, **options: Any) -> Facts:  # noqa: ANN401
    with Path(path).open("rb") as file:
        answer = client.audio.translations.create(file=file, **options)
    return {"type": type(answer).__name__, "answer": _shown(answer)}


ACTIONS = {action.__name__: action for action in (transcribe, stream, translate)}


def answer(base_url: str, key: str, action: str, **arguments: Any) -> Facts:  # noqa: ANN401
    client = openai.OpenAI(base_url=base_url, api_key=key, max_retries=0)
    try:
        return ACTIONS[action](client, **arguments)
    except openai.APIStatusError as error:
        return {
            "raised": type(error).__name__,
            "status": error.status_code,
            "code": error.code,
            "type": error.type,
            "message": str(error.message),
            "request_id": error.request_id,
        }


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(**json.loads(line))), flush=True)  # noqa: T201 - its answer
