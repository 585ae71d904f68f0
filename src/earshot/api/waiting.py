"""Answers that somebody waits for while a language model works: who leaves takes the question back.

Otherwise a few who left would keep everybody from a model that is slow.
"""

import asyncio
from collections.abc import Callable

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from earshot.errors import LanguageModelUnavailable
from earshot.llm.client import Budget


async def until_gone(request: Request, give_up: Callable[[], None]) -> None:
    """Return once the client is gone, and give up; the body must have been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    give_up()


async def answer_in_thread(
    request: Request, budget: Budget, answer: Callable[[], Response]
) -> Response:
    """What is answered within the budget, on a thread; the body must have been read.

    The budget is given up once the client is gone: ClientDisconnect where that ended it.
    """
    gone = asyncio.create_task(until_gone(request, budget.give_up))
    try:
        return await run_in_threadpool(answer)
    except LanguageModelUnavailable as error:
        if gone.done():
            raise ClientDisconnect from error
        raise
    finally:
        gone.cancel()
