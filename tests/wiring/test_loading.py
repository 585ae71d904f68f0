import threading

from earshot.wiring.loading import LoadedOnce

PATIENCE_S = 10


def test_what_is_asked_for_twice_is_loaded_once_and_on_another_thread() -> None:
    threads: list[int] = []

    def load() -> str:
        threads.append(threading.get_ident())
        return "loaded"

    part = LoadedOnce("part", load)
    assert part.get().result(PATIENCE_S) == "loaded"
    assert part.get() is part.get()
    assert len(threads) == 1
    assert threads[0] != threading.get_ident()


def test_what_failed_is_loaded_for_the_next_who_asks() -> None:
    told: list[OSError | str] = [OSError("no disk"), "loaded"]
    outcomes = iter(told)

    def load() -> str:
        outcome = next(outcomes)
        if isinstance(outcome, OSError):
            raise outcome
        return outcome

    part = LoadedOnce("part", load)
    assert isinstance(part.get().exception(PATIENCE_S), OSError)
    assert part.get().result(PATIENCE_S) == "loaded"


def test_joining_waits_for_what_is_being_loaded_and_for_nothing_else() -> None:
    gate = threading.Event()
    part = LoadedOnce("part", lambda: gate.wait(PATIENCE_S))
    part.join()
    loading = part.get()
    assert not loading.cancel()
    threading.Timer(0.05, gate.set).start()
    part.join()
    assert loading.done()
