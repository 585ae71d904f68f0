import logging

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from earshot.api.border import RequestBorder
from earshot.errors import LanguageModelUnavailable, RequestInvalid, ServerStopping


def raising(error: Exception, *, after_start: bool = False) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        assert receive is not None
        if after_start:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise error

    return app


async def answers(app: ASGIApp, path: str = "/v2/x", query: bytes = b"") -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "query_string": query, "headers": []}
    await RequestBorder(app)(scope, receive, send)
    return sent


async def test_a_fault_of_ours_is_logged_with_its_trace_and_answered_without_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    start, body = await answers(raising(RuntimeError("a secret of ours")))
    assert start["status"] == 500
    assert body["body"] == b'{"error":"Internal Server Error"}'
    [record] = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert record.exc_info is not None


@pytest.mark.parametrize("error", [LanguageModelUnavailable(), ServerStopping()])
async def test_what_is_no_fault_of_the_program_leaves_no_trace_in_the_log(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    start, _ = await answers(raising(error))
    assert start["status"] == 503
    assert all(record.exc_info is None for record in caplog.records)


async def test_a_fault_of_the_callers_is_no_error_of_ours(
    caplog: pytest.LogCaptureFixture,
) -> None:
    start, _ = await answers(raising(RequestInvalid("a must be b")))
    assert start["status"] == 400
    assert all(record.levelno < logging.WARNING for record in caplog.records)


async def test_a_client_that_is_gone_gets_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert await answers(raising(ClientDisconnect())) == []
    [gone] = [vars(r) for r in caplog.records if r.getMessage() == "client_gone"]
    assert gone["path"] == "/v2/x"


async def test_an_answer_that_has_begun_cannot_be_changed() -> None:
    with pytest.raises(RequestInvalid):
        await answers(raising(RequestInvalid("late"), after_start=True))


async def test_the_log_holds_the_path_in_one_line_and_no_query(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    await answers(raising(RequestInvalid("a must be b")), "/v2/x\nfake=1", b"token=s3cret")
    [answered] = [vars(r) for r in caplog.records if r.getMessage() == "request_answered"]
    assert "\n" not in answered["path"]
    assert "s3cret" not in str(answered)
    assert answered["status"] == 400


async def test_what_is_not_http_passes_untouched() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert receive is not None
        assert send is not None
        seen.append(scope["type"])

    async def receive() -> Message:
        return {}

    async def send(message: Message) -> None:
        raise AssertionError(message)

    await RequestBorder(app)({"type": "lifespan"}, receive, send)
    assert seen == ["lifespan"]
