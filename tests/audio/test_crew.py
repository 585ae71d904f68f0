import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from earshot.audio.crew import Crew

WAIT_S = 10.0


def on_a_core(crew: Crew, work: Callable[[int], int], pieces: list[int]) -> list[int]:
    with crew.core():
        return crew.map(work, pieces)


def meet(n_threads: int) -> Callable[[int], int]:
    """Work that ends only when that many threads are at it at once."""
    barrier = threading.Barrier(n_threads)

    def work(piece: int) -> int:
        barrier.wait(WAIT_S)
        return piece * 10

    return work


def test_results_are_in_the_order_of_the_pieces() -> None:
    assert on_a_core(Crew(3), lambda piece: piece * piece, list(range(40))) == [
        piece * piece for piece in range(40)
    ]


def test_no_pieces_give_no_results() -> None:
    assert on_a_core(Crew(2), lambda piece: piece, []) == []


def test_idle_cores_help() -> None:
    assert on_a_core(Crew(3), meet(3), [1, 2, 3]) == [10, 20, 30]


def test_cores_that_others_hold_do_not_help() -> None:
    crew = Crew(2)
    threads: set[int] = set()

    def work(piece: int) -> int:
        threads.add(threading.get_ident())
        return piece

    with crew.core(), ThreadPoolExecutor(1) as other:
        other.submit(on_a_core, crew, work, list(range(20))).result(WAIT_S)
    assert len(threads) == 1


def test_who_waits_for_no_core_goes_on_without_one() -> None:
    crew = Crew(1)
    with crew.core(waits=False):
        assert crew.n_idle == 0
        with crew.core(waits=False):
            assert crew.map(lambda piece: piece * 10, [1, 2]) == [10, 20]
        assert crew.n_idle == 0
    assert crew.n_idle == 1


def test_no_more_threads_work_than_there_are_cores() -> None:
    crew = Crew(2)
    lock = threading.Lock()
    at_work, most = 0, 0

    def work(piece: int) -> int:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        sum(range(2000))
        with lock:
            at_work -= 1
        return piece

    with ThreadPoolExecutor(5) as callers:
        jobs = [callers.submit(on_a_core, crew, work, list(range(30))) for _ in range(5)]
        results = [job.result(WAIT_S) for job in jobs]
    assert results == [list(range(30))] * 5
    assert most <= 2


def test_a_helper_joins_as_soon_as_its_core_is_free() -> None:
    crew = Crew(2)
    begun, freed = threading.Event(), threading.Event()
    together = meet(2)

    def work(piece: int) -> int:
        if piece == 0:
            begun.set()
            assert freed.wait(WAIT_S)
            return 0
        return together(piece)

    with ThreadPoolExecutor(1) as other:
        with crew.core():
            job = other.submit(on_a_core, crew, work, [0, 1, 2])
            assert begun.wait(WAIT_S)
        freed.set()
        assert job.result(WAIT_S) == [0, 10, 20]


@pytest.mark.parametrize("n_cores", [1, 3])
def test_what_the_work_raises_reaches_the_caller_and_all_cores_are_idle_again(n_cores: int) -> None:
    crew = Crew(n_cores)

    def work(piece: int) -> int:
        if piece == 5:
            raise ValueError("five")
        return piece

    with pytest.raises(ValueError, match="five"):
        on_a_core(crew, work, list(range(10)))
    assert crew.n_idle == n_cores
    assert on_a_core(crew, work, [1, 2]) == [1, 2]
