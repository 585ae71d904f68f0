import asyncio
from itertools import pairwise

from earshot.api.viewers import MAX_KEPT, MAX_WAITING, Viewers


def turn(order: int, text: str = "") -> dict[str, object]:
    return {"turn_order": order, "transcript": text, "type": "Turn"}


async def read_all(viewers: Viewers) -> list[str]:
    return [event async for event in viewers.watch()]


async def test_who_comes_late_reads_the_last_turns_first() -> None:
    viewers = Viewers()
    for order in range(MAX_KEPT + 5):
        viewers.tell(turn(order), is_kept=True)
    viewers.tell(turn(99), is_kept=False)
    viewers.end()
    events = await read_all(viewers)
    assert len(events) == MAX_KEPT
    assert events[0] == 'event: Turn\ndata: {"turn_order":5,"transcript":"","type":"Turn"}\n\n'
    assert all(earlier != later for earlier, later in pairwise(events))


async def test_a_turn_that_is_formatted_later_is_kept_once() -> None:
    viewers = Viewers()
    viewers.tell(turn(0, "one"), is_kept=True)
    viewers.tell(turn(0, "One."), is_kept=True)
    viewers.end()
    (event,) = await read_all(viewers)
    assert "One." in event


async def test_a_quiet_session_is_kept_alive() -> None:
    watched = Viewers().watch(quiet_s=0.001)
    assert await anext(watched) == ": quiet\n\n"
    await watched.aclose()


async def test_a_screen_that_does_not_read_is_let_go() -> None:
    viewers = Viewers()
    reading = asyncio.ensure_future(read_all(viewers))
    await asyncio.sleep(0)
    for order in range(MAX_WAITING + 50):
        viewers.tell(turn(order), is_kept=False)
    assert len(await reading) == MAX_WAITING
