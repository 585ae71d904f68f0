"""The models, and the stages that are loaded from them."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from earshot.audio.decode import Decoder
from earshot.audio.engines.silero import SileroDetector
from earshot.audio.engines.silero_graph import GRAPH_VERSION, save_sequence_graph
from earshot.egress.client import GuardedClient
from earshot.egress.fetch import AudioFetcher
from earshot.models.store import ModelStore
from earshot.pipeline.stages import Stages
from earshot.recognition.catalog import load_recognizer
from earshot.recognition.pool import RecognizerPool
from earshot.settings import Settings

DEFAULT_ENGINE = "moonshine"


def open_models(settings: Settings) -> ModelStore:
    return ModelStore(settings.models)


def load_stages(settings: Settings, *, n_decoders: int = 1) -> Stages:
    """Load the models and warm the decoder; blocks for about a second.

    `n_decoders` recordings can be decoded at once without waiting for a process to start.
    """
    store = open_models(settings)
    recognizer = load_recognizer(DEFAULT_ENGINE, store)
    return Stages(
        decoder=Decoder(replace(settings.decoding, n_warm_children=n_decoders)),
        detector=load_detector(store),
        recognizers=RecognizerPool(recognizer),
    )


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


def build_download(settings: Settings) -> Callable[[str], Iterator[bytes]]:
    """How model files are fetched from the hub."""
    fetcher = build_fetcher(settings)
    return lambda url: fetcher.fetch_audio(url, allow_private=False)
