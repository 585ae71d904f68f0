"""Engines by name: naming one does not load it, and ours enter by the door others would use."""

from importlib import import_module
from typing import cast

from earshot.errors import ModelMissing
from earshot.models.store import ModelStore
from earshot.recognition.recognizer import Recognizer

ENGINES = {
    "moonshine": "earshot.recognition.engines.moonshine:MoonshineRecognizer",
}


def load_recognizer(name: str, store: ModelStore) -> Recognizer:
    """The engine of that name with its model loaded; raises ModelMissing or ModelCorrupt."""
    if name not in ENGINES:
        raise ModelMissing(f"no engine is named '{name}'; known: {', '.join(ENGINES)}")
    module_name, _, class_name = ENGINES[name].partition(":")
    engine_class = getattr(import_module(module_name), class_name)
    return cast("Recognizer", engine_class(store))
