"""LeMUR through the last SDK that has it, and the gateway through OpenAI's: a real server.

Without a language model, and with one whose answers are written down.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from earshot.models.store import ModelStore
from tests.compat.conftest import client_python, run_with_node
from tests.llm.server import LlmServer, Reply, serving
from tests.processes import Api, Installation, Server, clean_environment

pytestmark = pytest.mark.slow

EVENTS = b"".join(
    b"data: " + json.dumps({"choices": [{"index": 0, "delta": delta}]}).encode() + b"\n\n"
    for delta in ({"role": "assistant", "content": "He"}, {"content": "llo."})
)
CALL = {"id": "c", "type": "function", "function": {"name": "look", "arguments": "{}"}}


def ask(environment: str, program: str, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [client_python(environment), str(Path(__file__).with_name(program)), *arguments],
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    facts: dict[str, Any] = json.loads(done.stdout)
    return facts


def reply(asked: dict[str, Any]) -> Reply:
    """As a language model would: what the request says tells which of the answers it is."""
    if asked.get("stream"):
        return Reply(body=EVENTS + b"data: [DONE]\n\n")
    if asked.get("tools"):
        message = {"content": None, "tool_calls": [CALL]}
        choice = {"message": message, "finish_reason": "tool_calls"}
        return Reply(body=json.dumps({"choices": [choice]}).encode())
    rules = asked["messages"][0]["content"]
    return Reply("yes." if "exactly one of these" in rules else "Written.")


@pytest.fixture(scope="module")
def llm() -> Iterator[LlmServer]:
    with serving(reply) as server:
        yield server


@pytest.fixture(scope="module")
def with_llm(
    llm: LlmServer, tmp_path_factory: pytest.TempPathFactory, models: ModelStore
) -> Iterator[tuple[Installation, Server]]:
    settings = {"EARSHOT_LLM_URL": llm.url, "EARSHOT_LLM_MODEL": "tiny"}
    folder = tmp_path_factory.mktemp("lemur")
    with closing(Installation(folder, models.folder, **settings)) as installation:
        server = installation.serve()
        server.await_ready()
        yield installation, server


@pytest.fixture(scope="module")
def transcript_id(api: Api, speech: Path) -> str:
    transcript_id: str = api.transcribe(speech.read_bytes())["id"]
    return transcript_id


@pytest.mark.parametrize("environment", ["assemblyai-0.43.1", "assemblyai-0.43.1-settings"])
def test_without_a_language_model_the_transcript_answers(
    environment: str, api: Api, transcript_id: str
) -> None:
    facts = ask(environment, "lemur_program.py", api.url, api.key, transcript_id)
    first, second = facts["questions"]["response"]
    assert first["question"] == "Which times were the best?"
    assert "best of times" in first["answer"]
    assert "times" in second["answer"]
    assert facts["task"]["response"].startswith("No language model is set up")
    assert "times" in facts["summary"]["response"]
    assert facts["text"]["usage"] == {"input_tokens": 0, "output_tokens": 0}
    assert facts["later"]["response"] == facts["group"]["response"]
    assert facts["task_again"] == facts["task"]
    assert facts["questions_again"] == facts["questions"]
    assert facts["purged"]["request_id_to_purge"] == facts["task"]["request_id"]
    assert facts["purged"]["deleted"] is True
    assert facts["gone"]["status_code"] == 404
    assert "max_output_size must be at most 4000" in facts["refused"]["message"]


def test_with_a_language_model_it_answers(
    with_llm: tuple[Installation, Server], llm: LlmServer, speech: Path
) -> None:
    installation, server = with_llm
    api = installation.api(server)
    transcript = api.transcribe(speech.read_bytes())
    facts = ask("assemblyai-0.43.1", "lemur_program.py", api.url, api.key, transcript["id"])
    assert [one["answer"] for one in facts["questions"]["response"]] == ["Written.", "Yes"]
    for name in ("task", "summary", "action_items", "text", "later", "group"):
        assert facts[name]["response"] == "Written."
        assert facts[name]["usage"]["input_tokens"] > 0
    assert facts["questions_again"] == facts["questions"]
    assert transcript["text"] in [one["messages"][1]["content"] for one in llm.asked]
    again = api.json("GET", f"/lemur/v3/{facts['questions']['request_id']}")
    assert again["metadata"]["citations"][0]["transcript_id"] == transcript["id"]
    api.call("DELETE", f"/v2/transcript/{transcript['id']}")
    assert api.call("GET", f"/lemur/v3/{facts['questions']['request_id']}").status_code == 404


def test_openai_s_client_talks_to_it(with_llm: tuple[Installation, Server]) -> None:
    installation, server = with_llm
    api = installation.api(server)
    facts = ask("openai-3.54.0", "chat_program.py", f"{api.url}/v1", api.key)
    assert facts["said"]["choices"][0]["message"]["content"] == "Written."
    assert facts["said"]["object"] == "chat.completion"
    assert facts["said"]["model"] == "tiny"
    (choice,) = facts["called"]["choices"]
    assert choice["message"]["tool_calls"][0]["function"]["name"] == "look"
    assert choice["finish_reason"] == "tool_calls"
    assert "".join(facts["streamed"]) == "Hello."
    assert facts["models"] == ["default", "tiny"]
    assert "messages must be a list of one or more messages" in facts["refusal"]


def test_node_s_client_asks_as_well(api: Api, transcript_id: str) -> None:
    task = {"url": api.url, "key": api.key, "id": transcript_id}
    # The last line of it that has LeMUR.
    facts = run_with_node("lemur_program.mjs", "node-assemblyai-4.14.2", task)
    assert facts["again"] == facts["task"]
    assert facts["summary"]["response"].startswith("- ")
    (answer,) = facts["questions"]["response"]
    assert "best of times" in answer["answer"]
    assert facts["actionItems"]["metadata"]["method"] == "extractive"
    assert facts["text"]["response"]
    assert facts["purged"]["deleted"] is True
    assert facts["gone"] == "Not found"
    assert facts["refused"] == "each transcript source id must be valid"
