import asyncio

from earshot.api.catching_up import CatchingUp

HELD_S = 0.003


async def hold(catching_up: CatchingUp, name: str, holders: list[str]) -> None:
    """Hold the event loop for a while, again and again."""
    loop = asyncio.get_running_loop()
    for _ in range(5):
        async with catching_up.turn(is_ahead=True):
            began_s = loop.time()
            while loop.time() - began_s < HELD_S:
                pass
            holders.append(name)


async def test_those_who_are_ahead_leave_half_of_the_time_to_others_and_take_turns() -> None:
    loop, catching_up = asyncio.get_running_loop(), CatchingUp()
    holders: list[str] = []
    began_s = loop.time()
    await asyncio.gather(*(hold(catching_up, name, holders) for name in "abc"))
    assert loop.time() - began_s >= 2 * HELD_S * len(holders)
    assert holders == ["a", "b", "c"] * 5


async def test_who_is_not_ahead_waits_for_nobody() -> None:
    catching_up = CatchingUp()
    async with catching_up.turn(is_ahead=True), catching_up.turn(is_ahead=False):
        pass
