"""The models, and the stages that are loaded from them."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from earshot.audio.decode import Decoder
from earshot.audio.engines.silero import SileroDetector
from earshot.audio.engines.silero_graph import GRAPH_VERSION, save_sequence_graph
from earshot.diarization.catalog import EMBEDDED_NAME, load_diarizer
from earshot.diarization.on_demand import DiarizerOnDemand
from earshot.egress.client import GuardedClient
from earshot.egress.fetch import AudioFetcher
from earshot.models.store import ModelStore
from earshot.pipeline.stages import Stages
from earshot.recognition.catalog import Offer, load_recognizer
from earshot.recognition.pool import RecognizerPool
from earshot.recognition.recognizer import Recognizer
from earshot.settings import Settings
from earshot.understanding.catalog import find_encoder
from earshot.wiring.features import (
    build_asking_features,
    build_features,
    build_language_models,
    build_tagger,
)
from earshot.wiring.installed import (
    DEFAULT_ENGINE,
    DIARIZER,
    offered_engines,
    open_models,
    read_tiers,
)


def load_stages(settings: Settings, *, n_decoders: int = 1) -> Stages:
    """Load the models and warm the decoder; blocks for about a second.

    `n_decoders` recordings can be decoded at once without waiting for a process to start.
    """
    store = open_models(settings)
    encoder = find_encoder(store)
    models = build_language_models(settings)
    return Stages(
        decoder=Decoder(replace(settings.decoding, n_warm_children=n_decoders)),
        detector=load_detector(store),
        recognizers=build_pool(settings, store),
        diarizer=find_diarizer(store),
        features=build_features(settings, encoder),
        asking_features=build_asking_features(settings, models),
        tagger=build_tagger(encoder),
        has_language_model=lambda project: models.of_project(project) is not None,
    )


def build_pool(
    settings: Settings,
    store: ModelStore,
    load_embedded: Callable[[Offer], Recognizer] | None = None,
) -> RecognizerPool:
    """The embedded engine, loaded, and those beside it, which wait until somebody needs them.

    `load_embedded` is for a process that has the engine in its memory already.
    """
    compute = settings.compute
    load = load_embedded or (lambda offer: load_recognizer(offer.model, store, compute))
    offers = offered_engines(settings, store)
    embedded = [offer for offer in offers if offer.is_embedded]
    if not offers:
        load_recognizer(DEFAULT_ENGINE, store)  # which says what is missing
    return RecognizerPool(
        *map(load, embedded),
        on_demand=[offer for offer in offers if not offer.is_embedded],
        load=partial(load_recognizer, store=store, compute=compute),
        tiers=read_tiers(settings, store),
        policy=settings.engines,
    )


def find_diarizer(store: ModelStore) -> DiarizerOnDemand | None:
    """What tells speakers apart, loaded at its first use; None where its model is missing."""
    if not store.is_present(DIARIZER):
        return None
    return DiarizerOnDemand(EMBEDDED_NAME, lambda: load_diarizer(store))


def load_detector(store: ModelStore) -> SileroDetector:
    """The voice activity model; blocks for a moment the first time, when its graph is derived."""
    published = store.files("silero")["silero_vad.ort"]
    graph = store.derived(
        "silero",
        f"sequence-{GRAPH_VERSION}.onnx",
        lambda path: save_sequence_graph(published, path),
    )
    return SileroDetector(graph)


def build_fetcher(settings: Settings) -> AudioFetcher:
    return AudioFetcher(GuardedClient(extra_ca_file=settings.extra_ca_file), settings.egress)
