"""The engines of one process: which one a recording gets, loaded when it is, lent to threads."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition

from earshot.errors import LanguageNotInstalled, ModelMissing
from earshot.recognition.catalog import Offer
from earshot.recognition.fallback import FallbackRecognizer
from earshot.recognition.loading import PoolPolicy
from earshot.recognition.preferences import Tiers, best_first, choose_offer
from earshot.recognition.recognizer import NO_HINTS, Hints, Recognizer

logger = logging.getLogger(__name__)

NO_TIERS: Tiers = {}


@dataclass(slots=True)
class _Slot:
    """An engine that is loaded, or being loaded: then `recognizer` is still None."""

    n_bytes: int
    n_leases: int
    used_at_s: float
    recognizer: Recognizer | None = None


class RecognizerPool:
    """Engines by name; shared by all threads.

    The `resident` ones are there from the start and stay. Those `on_demand` are loaded, once for
    all threads, when the first recording needs them, and unloaded when they have not been used for
    a while or another needs their room; never while they are lent.
    """

    def __init__(
        self,
        *resident: Recognizer,
        on_demand: Sequence[Offer] = (),
        load: Callable[[str], Recognizer] | None = None,
        tiers: Tiers = NO_TIERS,
        policy: PoolPolicy | None = None,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """`load` makes the engine of a model's name; `clock_s` counts seconds from anywhere."""
        self._resident = {recognizer.name: recognizer for recognizer in resident}
        self._policy = PoolPolicy() if policy is None else policy
        fitting = [one for one in on_demand if one.n_bytes <= self._policy.max_loaded_bytes]
        self._on_demand = {
            offer.name: offer for offer in fitting if offer.name not in self._resident
        }
        self._load = load
        self._tiers = tiers
        self._clock_s = clock_s
        self._slots: dict[str, _Slot] = {}
        self._changed = Condition()

    @property
    def offers(self) -> tuple[Offer, ...]:
        """Every engine that could be lent, loaded or not."""
        resident = (
            Offer(one.name, one.name, one.languages, is_embedded=True)
            for one in self._resident.values()
        )
        return (*resident, *self._on_demand.values())

    @property
    def languages(self) -> frozenset[str]:
        """The languages that any of the engines knows."""
        return frozenset().union(*(offer.languages for offer in self.offers))

    def choose(self, language_code: str, asked: Sequence[str] = ()) -> str:
        """The name of the engine for that language, which may carry a region (`en_us`).

        `asked` are names of tiers or engines, the preferred one first. Raises LanguageNotInstalled.
        """
        offer = choose_offer(self.offers, language_code, asked, self._tiers)
        if offer is None:
            raise LanguageNotInstalled("language_code", language_code)
        return offer.name

    def uses_vocabulary(self, name: str) -> bool:
        """Whether the engine of that name can be told terms; others pass them over."""
        return all(offer.uses_vocabulary for offer in self.offers if offer.name == name)

    def uses_strengths(self, name: str) -> bool:
        """Whether the engine of that name can listen for terms more or less strongly."""
        return all(offer.uses_strengths for offer in self.offers if offer.name == name)

    def translates(self, name: str, language: str) -> bool:
        """Whether the engine of that name can write in the language what is said in another."""
        return any(language in one.translates_into for one in self.offers if one.name == name)

    def detector(self) -> str | None:
        """The name of the best engine that also tells languages apart; None without one."""
        able = best_first(offer for offer in self.offers if offer.detects_languages)
        return able[0].name if able else None

    def notice(self, name: str, hints: Hints = NO_HINTS) -> str | None:
        """What the caller should know of how the engine runs with the hints; None if all is well.

        Of an engine that is loaded on demand it is known while that is lent.
        """
        with self._changed:
            slot = self._slots.get(name)
        recognizer = slot.recognizer if slot else self._resident.get(name)
        return recognizer.notice_of(hints) if isinstance(recognizer, FallbackRecognizer) else None

    @contextmanager
    def lease(self, name: str) -> Iterator[Recognizer]:
        """The engine of that name, for as long as the block runs.

        Blocks while it is loaded, and while what others hold leaves no room for it: hold one at a
        time. Raises ModelMissing where it is no longer installed, and what loading it raises.
        """
        if name in self._resident:
            yield self._resident[name]
            return
        slot = self._claim(name)
        try:
            yield slot.recognizer or self._loaded(name, slot)
        finally:
            with self._changed:
                slot.n_leases -= 1
                slot.used_at_s = self._clock_s()
                self._changed.notify_all()

    def unload_idle(self) -> None:
        """Let go of the engines that nobody has used for as long as the policy says."""
        with self._changed:
            oldest_s = self._clock_s() - self._policy.idle_s
            for name, slot in list(self._slots.items()):
                if slot.n_leases == 0 and slot.used_at_s <= oldest_s:
                    self._unload(name)

    def _claim(self, name: str) -> _Slot:
        """The engine's slot, held; if nothing is in it yet, it is the caller's to fill."""
        offer = self._on_demand.get(name)
        if offer is None:
            raise ModelMissing(f"the engine '{name}' is not installed any more")
        with self._changed:
            while True:
                slot = self._slots.get(name)
                if slot is None and self._make_room(offer.n_bytes):
                    slot = self._slots[name] = _Slot(offer.n_bytes, 1, self._clock_s())
                    return slot
                if slot is not None and slot.recognizer is not None:
                    slot.n_leases += 1
                    return slot
                self._changed.wait()

    def _loaded(self, name: str, slot: _Slot) -> Recognizer:
        """Fill the slot, for all who wait for it; where that fails, they try by themselves."""
        assert self._load is not None
        began_s = self._clock_s()
        try:
            recognizer = self._load(self._on_demand[name].model)
        except BaseException:
            with self._changed:
                del self._slots[name]
            raise
        with self._changed:
            slot.recognizer = recognizer
            self._changed.notify_all()
        elapsed_s = self._clock_s() - began_s
        logger.info("engine_loaded", extra={"engine": name, "elapsed_s": elapsed_s})
        return recognizer

    def _make_room(self, n_bytes: int) -> bool:
        """Whether so much may be loaded, after the longest unused engines made way for it."""
        free = self._policy.max_loaded_bytes - sum(slot.n_bytes for slot in self._slots.values())
        idle = [name for name, slot in self._slots.items() if slot.n_leases == 0]
        idle.sort(key=lambda name: self._slots[name].used_at_s)
        while free < n_bytes and idle:
            free += self._slots[idle[0]].n_bytes
            self._unload(idle.pop(0))
        return free >= n_bytes

    def _unload(self, name: str) -> None:
        """Forget the engine: its memory is free when the last reference to it is."""
        del self._slots[name]
        logger.info("engine_unloaded", extra={"engine": name})
