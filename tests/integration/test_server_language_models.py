"""A whole server beside a language model that is slow, and that is not to be told everything."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from earshot.api.turns import MAX_OF_PROJECT
from tests.llm.server import LlmServer, Reply, as_openai_answers, serving
from tests.processes import PATIENCE_S, Api, Installation, until

pytestmark = pytest.mark.slow
Install = Callable[..., Installation]
SUMMARY = as_openai_answers(Reply(json.dumps({"points": ["It was the best of times."]})))
ASKING = {"summarization": True, "summary_model": "informative", "summary_type": "headline"}


@contextmanager
def holding() -> Iterator[tuple[LlmServer, threading.Event]]:
    """A present model of OpenAI that answers once the event is set."""
    may_answer = threading.Event()

    def reply(asked: dict[str, Any]) -> Reply:
        may_answer.wait(PATIENCE_S)
        return SUMMARY(asked)

    with serving(reply) as server:
        try:
            yield server, may_answer
        finally:
            may_answer.set()


def settings_for(server: LlmServer, **more: str) -> dict[str, str]:
    return {
        "EARSHOT_LLM_URL": server.url,
        "EARSHOT_LLM_MODEL": "gpt",
        "EARSHOT_LLM_TIMEOUT_S": str(PATIENCE_S),
        "EARSHOT_WORKER_THREADS": "1",
        **more,
    }


def test_a_model_that_is_slow_keeps_nobody_from_being_transcribed(
    install: Install, speech: bytes
) -> None:
    with holding() as (model, may_answer):
        earshot = install(**settings_for(model))
        api = earshot.api(earshot.serve())
        url = api.upload(speech)
        waiting = [api.submit(url, **ASKING) for _ in range(3)]
        until(lambda: len(model.asked) >= len(waiting), "all of them have asked")
        assert api.transcribe(speech)["status"] == "completed"
        assert [api.status(one) for one in waiting] == ["processing"] * 3
        work = earshot.data / "media" / "work"
        assert list(work.glob("*/result"))
        assert not list(work.glob("*/words-*"))
        may_answer.set()
        for transcript_id in waiting:
            transcript = api.ended(transcript_id)
            assert transcript["summary"] == "It was the best of times."
            assert transcript["metadata"]["methods"] == {"summarization": "llm:default"}
        assert not list(work.iterdir())


def test_of_a_transcript_that_is_cancelled_while_it_waits_nothing_is_told(
    install: Install, speech: bytes
) -> None:
    with holding() as (model, may_answer):
        earshot = install(**settings_for(model, EARSHOT_LLM_AT_ONCE="1"))
        api = earshot.api(earshot.serve())
        url = api.upload(speech)
        first = api.submit(url, **ASKING)
        until(lambda: model.asked, "the first has its turn")
        second = api.submit(url, **ASKING)
        kept = earshot.data / "media" / "work" / second / "result"
        until(kept.exists, "the second waits for its own")
        api.json("POST", f"/v2/transcript/{second}/cancel")
        may_answer.set()
        assert api.ended(first)["status"] == "completed"
        until(lambda: not kept.parent.exists(), "the second has ended")
        # Three, as it is first to find out how this model wants to be asked.
        assert len(model.asked) == 3


def test_a_project_that_is_to_have_none_has_none(install: Install, speech: bytes) -> None:
    with serving(SUMMARY) as model:
        earshot = install(**settings_for(model))
        key = earshot.new_key("lawyer", project="law")
        earshot.environment["EARSHOT_LLM_EXCEPT"] = "law"
        transcript = earshot.api(earshot.serve(), key).transcribe(speech, **ASKING)
        assert transcript["metadata"]["methods"] == {"summarization": "extractive"}
        assert transcript["summary"]
        assert model.asked == []


def test_who_leaves_before_the_first_event_keeps_no_turn(install: Install) -> None:
    may_answer = threading.Event()

    def reply(asked: dict[str, Any]) -> Reply:
        may_answer.wait(PATIENCE_S)
        return Reply(body=b"data: [DONE]\n\n") if asked["stream"] else Reply("Hi.")

    with serving(reply) as model:
        earshot = install(**settings_for(model, EARSHOT_LLM_AT_ONCE=str(MAX_OF_PROJECT)))
        api = earshot.api(earshot.serve())
        for _ in range(MAX_OF_PROJECT):
            leave_a_stream(api, model)
        asked = {"model": "gpt", "prompt": "Hello."}
        assert api.call("POST", "/v1/chat/completions", json=asked).status_code == 429
        may_answer.set()
        until(
            lambda: api.call("POST", "/v1/chat/completions", json=asked).status_code == 200,
            "a turn is free",
        )


def leave_a_stream(api: Api, model: LlmServer) -> None:
    """Ask for one, and be gone when the model is asked."""
    n_before = len(model.asked)
    body = json.dumps({"model": "gpt", "prompt": "Hello.", "stream": True})
    head = (
        "POST /v1/chat/completions HTTP/1.1",
        "Host: here",
        f"Authorization: {api.key}",
        f"Content-Length: {len(body)}",
    )
    with socket.create_connection(("127.0.0.1", urlsplit(api.url).port or 0)) as client:
        client.sendall("\r\n".join((*head, "", body)).encode())
        until(lambda: len(model.asked) > n_before, "the model is asked")
