"""A language model's endpoint on loopback, whose answers are written down beforehand."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from typing_extensions import override


@dataclass(frozen=True)
class Reply:
    """One answer; with `holds_s`, it comes that much later, or when the server is closed.

    It breaks off where `n_missing` bytes more are promised than come.
    """

    content: str | None = None
    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    holds_s: float = 0.0
    finish_reason: str = "stop"
    n_missing: int = 0

    @property
    def payload(self) -> bytes:
        if self.body is not None:
            return self.body
        choice = {"message": {"content": self.content}, "finish_reason": self.finish_reason}
        return json.dumps({"choices": [choice]}).encode()


def refusal(message: str, param: str | None = None, code: str | None = None) -> Reply:
    """A 400 as OpenAI words it."""
    error = {
        "message": message,
        "type": "invalid_request_error",
        "param": param,
        "code": code,
    }
    return Reply(status=400, body=json.dumps({"error": error}).encode())


def as_openai_answers(answer: Reply) -> Callable[[dict[str, Any]], Reply]:
    """The answer to what a present model of OpenAI lets itself be asked, else its refusal."""

    def reply(asked: dict[str, Any]) -> Reply:
        if "max_tokens" in asked:
            told = "'max_tokens' is not supported with this model."
            instead = "Use 'max_completion_tokens' instead."
            return refusal(
                f"Unsupported parameter: {told} {instead}", "max_tokens", "unsupported_parameter"
            )
        if asked.get("temperature", 1) != 1:
            return refusal(
                "Unsupported value: 'temperature' does not support 0 with this model. Only the "
                "default (1) value is supported.",
                "temperature",
                "unsupported_value",
            )
        form = asked.get("response_format", {})
        if form.get("type") == "json_schema" and form["json_schema"].get("strict"):
            for complaint in _unstrict(form["json_schema"]["schema"]):
                return refusal(
                    f"Invalid schema for response_format 'answer': {complaint}", "response_format"
                )
        return answer

    return reply


def _unstrict(schema: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    """What OpenAI's strict mode does not take."""
    if isinstance(schema, list):
        for one in schema:
            yield from _unstrict(one)
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False:
            yield "'additionalProperties' is required to be supplied and to be false."
        if set(schema.get("required", ())) != set(schema.get("properties", {})):
            yield "'required' is required to be an array including every key in properties."
    for keyword in ("minLength", "maxLength", "default"):
        if keyword in schema and not isinstance(schema[keyword], dict):
            yield f"'{keyword}' is not permitted."
    for item in schema.values():
        yield from _unstrict(item)


@dataclass
class LlmServer:
    """What was asked so far; the last reply is given again and again."""

    url: str
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@contextmanager
def serving(replies: Sequence[Reply] | Callable[[dict[str, Any]], Reply]) -> Iterator[LlmServer]:
    """Gives these replies in their order, or what becomes of each request."""
    closing, counting = threading.Event(), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with counting:
                n_before = len(server.asked)
                server.asked.append(asked)
            if callable(replies):
                reply = replies(asked)
            else:
                reply = replies[min(n_before, len(replies) - 1)]
            server.headers.append(dict(self.headers))
            server.paths.append(self.path)
            if reply.holds_s:
                closing.wait(reply.holds_s)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.payload) + reply.n_missing))
            self.end_headers()
            self.wfile.write(reply.payload)

        @override
        def log_message(self, format: str, *_arguments: object) -> None:
            """Tests read what was asked, not a log."""

        @override
        def handle(self) -> None:
            try:
                super().handle()
            except (BrokenPipeError, ConnectionResetError):
                return  # the client has given up, as some tests want it to

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = LlmServer(f"http://127.0.0.1:{http.server_port}/v1")
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        closing.set()
        http.shutdown()
        thread.join()
        http.server_close()
