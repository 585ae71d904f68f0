import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Thread

import pytest

from earshot.errors import DeviceUnusable, LanguageNotInstalled, ModelCorrupt, ModelMissing
from earshot.recognition.catalog import Offer
from earshot.recognition.fallback import FallbackRecognizer
from earshot.recognition.loading import ComputeOptions, PoolPolicy
from earshot.recognition.pool import RecognizerPool
from earshot.recognition.recognizer import Recognizer
from earshot.testing import ScriptedRecognizer

ENGLISH = ScriptedRecognizer(name="english")
POOL = RecognizerPool(ENGLISH)
WORLD = frozenset({"en", "de", "no"})
SMALL = Offer("small", "small-model", WORLD, n_bytes=40, rank=1, detects_languages=True)
LARGE = Offer("large", "large-model", WORLD, n_bytes=70, rank=2, detects_languages=True)


class Loader:
    """Makes the engine of a model's name, and remembers each time."""

    def __init__(self) -> None:
        self.loaded: list[str] = []
        self.failures: list[Exception] = []

    def __call__(self, model: str) -> Recognizer:
        self.loaded.append(model)
        if self.failures:
            raise self.failures.pop()
        return ScriptedRecognizer(name=model.removesuffix("-model"), languages=WORLD)


class Seconds:
    """A clock of seconds that is turned by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class World:
    """A pool of an embedded engine and two on demand, of which either fits, but not both."""

    def __init__(self, **changes: object) -> None:
        self.load = Loader()
        self.clock = Seconds()
        arguments: dict[str, object] = {
            "on_demand": (SMALL, LARGE),
            "load": self.load,
            "policy": PoolPolicy(max_loaded_bytes=100, idle_s=60),
            "clock_s": self.clock,
        }
        self.pool = RecognizerPool(ENGLISH, **(arguments | changes))  # type: ignore[arg-type]  # a mix

    def use(self, name: str) -> None:
        with self.pool.lease(name) as recognizer:
            assert recognizer.name == name


@contextmanager
def in_background(work: Callable[[], None]) -> Iterator[Thread]:
    thread = Thread(target=work)
    thread.start()
    yield thread
    thread.join(timeout=10)
    assert not thread.is_alive()


class TestChoice:
    @pytest.mark.parametrize("code", ["en", "en_us", "en-GB", "en_au"])
    def test_a_region_does_not_matter_to_the_choice_of_engine(self, code: str) -> None:
        assert POOL.choose(code) == "english"
        with POOL.lease("english") as recognizer:
            assert recognizer is ENGLISH

    @pytest.mark.parametrize("code", ["de", "de_at", "eng", ""])
    def test_a_language_without_an_engine_is_refused_by_name(self, code: str) -> None:
        with pytest.raises(LanguageNotInstalled, match=f"language_code '{code}' is not available"):
            POOL.choose(code)

    def test_the_best_engine_takes_what_the_embedded_one_does_not_know(self) -> None:
        assert World().pool.choose("de_ch") == "large"
        assert World().pool.choose("en_uk") == "english"

    def test_a_tier_is_the_engine_that_the_settings_say(self) -> None:
        pool = World(tiers={"nano": "small-model"}).pool
        assert pool.choose("de", ["nano"]) == "small"
        assert pool.choose("de", ["best"]) == "large"

    def test_an_engine_that_would_never_fit_is_not_offered(self) -> None:
        pool = World(policy=PoolPolicy(max_loaded_bytes=69)).pool
        assert pool.choose("de") == "small"
        assert [offer.name for offer in pool.offers] == ["english", "small"]

    def test_the_languages_are_those_of_every_engine(self) -> None:
        assert World().pool.languages == WORLD
        assert POOL.languages == {"en"}

    def test_the_best_of_those_that_can_detects_languages(self) -> None:
        assert World().pool.detector() == "large"
        assert POOL.detector() is None
        assert World(
            on_demand=(replace(LARGE, detects_languages=False), SMALL)
        ).pool.detector() == ("small")


class TestLoading:
    def test_an_engine_is_loaded_when_it_is_first_lent_and_once(self) -> None:
        world = World()
        assert world.load.loaded == []
        world.use("small")
        world.use("small")
        assert world.load.loaded == ["small-model"]

    def test_threads_that_want_the_same_engine_share_one(self) -> None:
        world = World()
        loading, go_on = Event(), Event()

        def load(model: str) -> Recognizer:
            loading.set()
            assert go_on.wait(timeout=10)
            return world.load(model)

        pool = World(load=load).pool

        def borrow(_: int) -> Recognizer:
            with pool.lease("small") as recognizer:
                return recognizer

        with ThreadPoolExecutor(4) as threads:
            borrowed = [threads.submit(borrow, index) for index in range(4)]
            assert loading.wait(timeout=10)
            go_on.set()
            engines = {id(future.result(timeout=10)) for future in borrowed}
        assert len(engines) == 1
        assert world.load.loaded == ["small-model"]

    def test_an_engine_that_failed_to_load_is_tried_again(self) -> None:
        world = World()
        world.load.failures.append(ModelCorrupt("cut short"))
        with pytest.raises(ModelCorrupt, match="cut short"):
            world.use("small")
        world.use("small")
        assert world.load.loaded == ["small-model", "small-model"]

    def test_an_engine_that_is_gone_is_missing(self) -> None:
        with (
            pytest.raises(ModelMissing, match="'small' is not installed any more"),
            POOL.lease("small"),
        ):
            pytest.fail("nothing was to be lent")

    def test_loading_is_logged_with_the_engines_name(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, "earshot.recognition.pool")
        World().use("small")
        assert [(record.msg, record.__dict__["engine"]) for record in caplog.records] == [
            ("engine_loaded", "small")
        ]


class TestMemory:
    def test_an_engine_makes_room_for_the_next(self) -> None:
        world = World()
        for name in ("small", "large", "small"):
            world.use(name)
        assert world.load.loaded == ["small-model", "large-model", "small-model"]

    def test_the_one_that_was_not_used_for_longest_goes_first(self) -> None:
        third = Offer("third", "third-model", WORLD, n_bytes=40)
        other = Offer("other-engine", "other-engine-model", WORLD, n_bytes=40)
        world = World(on_demand=(SMALL, third, other))
        for moment_s, name in enumerate(("small", "third", "small", "other-engine", "small")):
            world.clock.now = float(moment_s)
            world.use(name)
        assert world.load.loaded == ["small-model", "third-model", "other-engine-model"]

    def test_an_engine_that_is_lent_is_waited_for_and_not_unloaded(self) -> None:
        world = World()
        order: list[str] = []

        def take_large() -> None:
            with world.pool.lease("large"):
                order.append("large")

        with world.pool.lease("small") as held:
            background = in_background(take_large)
            thread = background.__enter__()
            thread.join(timeout=0.05)
            assert thread.is_alive()
            assert held.recognize([]) == []
            order.append("small")
        background.__exit__(None, None, None)
        assert order == ["small", "large"]

    def test_an_engine_is_unloaded_when_it_was_idle_for_long(self) -> None:
        world = World()
        world.use("small")
        world.clock.now = 59
        world.pool.unload_idle()
        world.use("small")
        assert world.load.loaded == ["small-model"]
        world.clock.now = 59 + 60
        world.pool.unload_idle()
        world.use("small")
        assert world.load.loaded == ["small-model", "small-model"]

    def test_an_engine_that_is_lent_is_never_idle(self) -> None:
        world = World()
        with world.pool.lease("small"):
            world.clock.now = 1000
            world.pool.unload_idle()
            world.use("small")
        assert world.load.loaded == ["small-model"]

    def test_the_embedded_engine_stays(self) -> None:
        world = World()
        world.use("english")
        world.clock.now = 1e9
        world.pool.unload_idle()
        with world.pool.lease("english") as recognizer:
            assert recognizer is ENGLISH
        assert world.load.loaded == []


def test_an_engine_that_fell_back_to_the_cpu_says_so_to_who_asks() -> None:
    def load(compute: ComputeOptions) -> Recognizer:
        if compute.device != "cpu":
            raise DeviceUnusable("out of memory")
        return ScriptedRecognizer(name="small")

    world = World(load=lambda _: FallbackRecognizer(load, ComputeOptions()))
    assert world.pool.notice("small") is None
    world.use("small")
    assert world.pool.notice("small") == "the GPU could not be used; small ran on the CPU"
    assert world.pool.notice("english") is None


def test_only_an_offer_of_one_strength_says_so() -> None:
    pool = RecognizerPool(
        ScriptedRecognizer(), on_demand=[replace(SMALL, uses_strengths=False), LARGE]
    )
    known = [pool.uses_strengths(name) for name in ("scripted", "small", "large")]
    assert known == [True, False, True]


def test_only_an_offer_that_cannot_be_told_terms_says_so() -> None:
    deaf = replace(SMALL, uses_vocabulary=False)
    pool = RecognizerPool(ScriptedRecognizer(), on_demand=[deaf, LARGE])
    assert pool.uses_vocabulary("scripted")
    assert pool.uses_vocabulary("large")
    assert not pool.uses_vocabulary("small")
