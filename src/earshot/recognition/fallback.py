"""What becomes of an engine whose GPU gives up: it goes on on the CPU, and says so."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from threading import Lock
from typing import TypeVar, cast

from earshot.audio.waveform import Waveform
from earshot.errors import DeviceUnusable
from earshot.recognition.language import LanguageDetector
from earshot.recognition.loading import ComputeOptions
from earshot.recognition.recognizer import (
    NO_HINTS,
    Hints,
    Recognition,
    Recognizer,
    TermLimiter,
)

logger = logging.getLogger(__name__)

Result = TypeVar("Result")


class FallbackRecognizer:
    """An engine on the device that was asked for, until that fails; from then on, on the CPU."""

    def __init__(
        self, load: Callable[[ComputeOptions], Recognizer], compute: ComputeOptions
    ) -> None:
        self._load = load
        # A compute type is one of a device: what a GPU was to use, a CPU may not have.
        self._on_cpu = replace(compute, device="cpu", compute_type="auto")
        self._lock = Lock()
        self.notice: str | None = None
        """What the caller of a transcript should know of the device; None while all is well."""
        try:
            self._engine = load(compute)
        except DeviceUnusable as failure:
            self._engine = self._load_on_cpu(failure)

    @property
    def name(self) -> str:
        return self._engine.name

    @property
    def languages(self) -> frozenset[str]:
        return self._engine.languages

    def recognize(self, segments: Sequence[Waveform], hints: Hints = NO_HINTS) -> list[Recognition]:
        return self._run(lambda engine: engine.recognize(segments, hints))

    def detect(self, segments: Sequence[Waveform]) -> Mapping[str, float]:
        """As the engine does, where it does."""
        return self._run(lambda engine: cast("LanguageDetector", engine).detect(segments))

    def notice_of(self, hints: Hints) -> str | None:
        """What the caller should know of the device, and of terms that found no room."""
        notices = [] if self.notice is None else [self.notice]
        engine, vocabulary = self._engine, hints.vocabulary
        if isinstance(engine, TermLimiter):
            n_terms, n_used = len(vocabulary.terms), len(engine.terms_that_fit(vocabulary))
            if n_used < n_terms:
                notices.append(
                    f"only {n_used} of {n_terms} terms of the vocabulary were used: the model"
                    f" {engine.name} has no room for more"
                )
        return "; ".join(notices) or None

    def _run(self, call: Callable[[Recognizer], Result]) -> Result:
        engine = self._engine
        try:
            return call(engine)
        except DeviceUnusable as failure:
            with self._lock:
                if self._engine is engine:  # else another thread has been here
                    self._engine = self._load_on_cpu(failure)
        return call(self._engine)

    def _load_on_cpu(self, failure: DeviceUnusable) -> Recognizer:
        engine = self._load(self._on_cpu)
        self.notice = f"the GPU could not be used; {engine.name} ran on the CPU"
        logger.warning("device_unusable", extra={"engine": engine.name, "reason": str(failure)})
        return engine
