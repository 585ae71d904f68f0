import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from earshot.pipeline.turns import LOOK_S, Abandoned, Turns

PATIENCE_S = 9


def wanted() -> bool:
    return True


def test_as_many_are_let_in_as_may_be_at_once() -> None:
    turns = Turns(2)
    held = turns.turn(wanted), turns.turn(wanted)
    with held[0], held[1], pytest.raises(Abandoned), turns.turn(lambda: False):
        raise AssertionError
    with turns.turn(lambda: False):  # a turn that is there is taken, wanted or not
        pass


def test_a_turn_ends_with_the_block_however_that_ends() -> None:
    turns = Turns(1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), turns.turn(wanted):
            raise ZeroDivisionError


def test_who_came_first_is_first_however_long_they_wait() -> None:
    turns = Turns(1)
    came: list[int] = []
    order: list[int] = []

    def take(number: int) -> None:
        def note() -> bool:  # asked of each that waits, again and again
            came.append(number)
            return True

        with turns.turn(note):
            order.append(number)

    with ThreadPoolExecutor(4) as callers:
        with turns.turn(wanted):
            jobs = []
            for number in range(4):
                jobs.append(callers.submit(take, number))
                while number not in came:
                    threading.Event().wait(LOOK_S / 10)
            while came.count(3) < 3:
                threading.Event().wait(LOOK_S / 10)
        for job in jobs:
            job.result(PATIENCE_S)
    assert order == [0, 1, 2, 3]


def test_who_goes_away_leaves_their_place_in_line_to_the_next() -> None:
    turns = Turns(1)
    is_in = threading.Event()

    def take() -> None:
        with turns.turn(wanted):
            is_in.set()

    with ThreadPoolExecutor(1) as callers:
        with turns.turn(wanted):
            with pytest.raises(Abandoned), turns.turn(lambda: False):
                raise AssertionError
            callers.submit(take)
            assert not is_in.wait(0.01)
        assert is_in.wait(PATIENCE_S)
