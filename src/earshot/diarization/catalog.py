"""The diarizer by name: naming it does not load it, and ours enters by the door of others."""

from importlib import import_module
from typing import cast

from earshot.diarization.diarizer import Diarizer
from earshot.models.store import ModelStore

# What voices are heard by: known voices that bear another name are not compared with its.
EMBEDDED_NAME = "pyannote-community-1"
EMBEDDED = "earshot.diarization.engines.pyannote:PyannoteDiarizer"


def load_diarizer(store: ModelStore) -> Diarizer:
    """The embedded diarizer, loaded; raises ModelMissing or ModelCorrupt.

    Blocks for a few seconds the first time, when its graphs are derived.
    """
    module, _, name = EMBEDDED.partition(":")
    return cast("Diarizer", getattr(import_module(module), name)(store))
