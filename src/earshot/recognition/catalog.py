"""Engines by name: naming one does not load it, and ours enter by the door others would use."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from earshot.errors import ExtraMissing, ModelMissing, how_to_install
from earshot.models.store import ModelStore
from earshot.recognition.fallback import FallbackRecognizer
from earshot.recognition.loading import DEFAULT_COMPUTE, ComputeOptions, EngineModel
from earshot.recognition.recognizer import Recognizer


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of engine: its class, as `module:Class`, and the package that it runs on.

    `package` is what `extra` installs; None where the base install has all it needs.
    """

    implementation: str
    package: str | None = None
    extra: str | None = None
    detects_languages: bool = False
    uses_vocabulary: bool = True
    uses_strengths: bool = True

    @property
    def package_version(self) -> str | None:
        """The installed version of the package; None where it is not installed."""
        if self.package is None:
            return None
        try:
            return version(self.package)
        except PackageNotFoundError:
            return None

    @property
    def is_installed(self) -> bool:
        return self.package is None or self.package_version is not None

    @property
    def how_to_install(self) -> str:
        return how_to_install(str(self.extra))

    def load_module(self) -> Any:  # noqa: ANN401 - a module that is known by its name only
        return import_module(self.implementation.partition(":")[0])


FAMILIES = {
    "moonshine": Family("earshot.recognition.engines.moonshine:MoonshineRecognizer"),
    "whisper": Family(
        "earshot.recognition.engines.whisper:WhisperRecognizer",
        package="faster-whisper",
        extra="whisper",
        detects_languages=True,
        uses_strengths=False,
    ),
    "parakeet": Family(
        "earshot.recognition.engines.parakeet:ParakeetRecognizer",
        package="onnx-asr",
        extra="parakeet",
        uses_vocabulary=False,
    ),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """An engine that could transcribe here; `name` is what it tells as `speech_model_used`.

    `n_bytes` are what its model takes on disk, and about what it takes in memory. Of several that
    know a language, the one of the highest `rank` is preferred; the embedded one for English.
    """

    name: str
    model: str
    languages: frozenset[str]
    n_bytes: int = 0
    rank: int = 0
    is_embedded: bool = False
    detects_languages: bool = False
    uses_vocabulary: bool = True
    uses_strengths: bool = True
    translates_into: frozenset[str] = frozenset()


def installed_engines(store: ModelStore) -> tuple[Offer, ...]:
    """The engines whose model and package are on this machine; no model is loaded."""
    return tuple(_installed(store))


def _installed(store: ModelStore) -> Iterator[Offer]:
    for spec in store.specs():
        facts = spec.engine
        if facts is None or not FAMILIES[facts.family].is_installed:
            continue
        family, state = FAMILIES[facts.family], store.state(spec.name)
        if state.is_present:
            yield Offer(
                name=facts.speech_model,
                model=spec.name,
                languages=facts.languages,
                n_bytes=state.n_bytes,
                rank=facts.rank,
                is_embedded=family.package is None,
                detects_languages=family.detects_languages and len(facts.languages) > 1,
                uses_vocabulary=family.uses_vocabulary,
                uses_strengths=family.uses_strengths,
                translates_into=facts.translates_into,
            )


def load_recognizer(
    name: str, store: ModelStore, compute: ComputeOptions = DEFAULT_COMPUTE
) -> Recognizer:
    """The engine of the model of that name, loaded, and held to the CPU where a GPU gives up.

    Raises ModelMissing, ModelCorrupt, ExtraMissing, or SettingsInvalid.
    """
    engines = {spec.name: spec.engine for spec in store.specs() if spec.engine is not None}
    if name not in engines:
        raise ModelMissing(f"no engine is named '{name}'; known: {', '.join(engines)}")
    family = FAMILIES[engines[name].family]
    if family.package and family.extra and not family.is_installed:
        raise ExtraMissing(family.extra, family.package)
    engine_class = getattr(family.load_module(), family.implementation.partition(":")[2])
    if family.package is None:
        embedded: Recognizer = engine_class(store, second_hearings=compute.second_hearings)
        return embedded
    facts = engines[name]
    model = EngineModel(facts.speech_model, store.folder_of(name), facts.languages)
    return FallbackRecognizer(lambda chosen: engine_class(model, chosen), compute)
