import asyncio
import time
from typing import Any

import pytest
from fastapi import Request, Response
from starlette.requests import ClientDisconnect

from earshot.api.waiting import answer_in_thread
from earshot.errors import LanguageModelUnavailable
from earshot.llm.client import Budget


def request_of(*, leaves: bool) -> Request:
    async def receive() -> dict[str, Any]:
        if not leaves:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    return Request({"type": "http", "headers": []}, receive)


async def test_who_stays_has_the_answer() -> None:
    answer = Response("Here.")
    assert await answer_in_thread(request_of(leaves=False), Budget(60), lambda: answer) is answer


async def test_who_leaves_takes_the_question_back() -> None:
    budget = Budget(60)

    def answer() -> Response:
        budget.wait(30)
        assert budget.left_s == 0
        raise LanguageModelUnavailable

    began_s = time.monotonic()
    with pytest.raises(ClientDisconnect):
        await answer_in_thread(request_of(leaves=True), budget, answer)
    assert time.monotonic() - began_s < 20


async def test_a_model_that_does_not_answer_is_told_to_who_stays() -> None:
    def answer() -> Response:
        raise LanguageModelUnavailable

    with pytest.raises(LanguageModelUnavailable):
        await answer_in_thread(request_of(leaves=False), Budget(60), answer)
