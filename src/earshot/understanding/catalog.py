"""The text encoder by name: naming it does not load it."""

from importlib import import_module
from typing import cast

from earshot.models.store import ModelStore
from earshot.understanding.encoder import EncoderOnDemand, TextEncoder, TextReader

ENCODER = "minilm"
_EMBEDDED = "earshot.understanding.engines.minilm:load_minilm"


def find_encoder(store: ModelStore) -> TextEncoder | None:
    """The encoder, which is loaded at its first use; None where its model is missing."""
    if not store.is_present(ENCODER):
        return None
    return EncoderOnDemand(lambda: load_reader(store))


def load_reader(store: ModelStore) -> TextReader:
    """The embedded engine, loaded; raises ModelMissing or ModelCorrupt.

    Blocks for some seconds the first time, when its graph is derived.
    """
    module, _, name = _EMBEDDED.partition(":")
    return cast("TextReader", getattr(import_module(module), name)(store))
