"""Talks to a language model with OpenAI's SDK, for the tests; run by the SDK's own environment.

python chat_program.py BASE_URL KEY
"""

import json
import sys
from typing import Any

import openai  # in the environment of its own

HELLO: list[Any] = [{"role": "user", "content": "Hello."}]
TOOL: Any = {
    "type": "function",
    "function": {"name": "look", "parameters": {"type": "object", "properties": {}}},
}


def main(base_url: str, key: str) -> dict[str, Any]:
    client = openai.OpenAI(base_url=base_url, api_key=key, max_retries=0)
    said = client.chat.completions.create(model="gpt-5", messages=HELLO, max_tokens=20)
    called = client.chat.completions.create(model="gpt-5", messages=HELLO, tools=[TOOL])
    with client.chat.completions.create(model="gpt-5", messages=HELLO, stream=True) as events:
        streamed = [event.choices[0].delta.content for event in events if event.choices]
    try:
        client.chat.completions.create(model="gpt-5", messages=[])
        refusal = ""
    except openai.BadRequestError as error:
        refusal = str(error.message)
    return {
        "said": said.model_dump(),
        "called": called.model_dump(),
        "streamed": streamed,
        "models": [one.id for one in client.models.list()],
        "refusal": refusal,
    }


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))  # noqa: T201 - its answer
