from dataclasses import replace
from pathlib import Path

import pytest

from earshot.models.store import ModelStore
from earshot.settings import Settings
from earshot.transcript.options import LanguageDetection, TranscriptOptions
from earshot.wiring.installed import speech_translator
from tests.tiny_models import make_tiny_parakeet, make_tiny_whisper


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    """A store with a model of many languages that translates, and one that does not."""
    store = ModelStore(tmp_path_factory.mktemp("models"))
    made = tmp_path_factory.mktemp("made")
    for name, folder in {
        "whisper-tiny": make_tiny_whisper(made / "whisper"),
        "parakeet-tdt-0.6b-v3": make_tiny_parakeet(made / "parakeet", kind="tdt"),
    }.items():
        store.pull_whole(name, folder, lambda _line: None)
    return store


GERMAN = TranscriptOptions(language_code="de", speech_models=("whisper-tiny",))


def test_the_engine_that_a_recording_gets_says_whether_it_is_translated(models: ModelStore) -> None:
    translates = speech_translator(Settings(models=models.folder), models)
    assert translates(GERMAN)
    assert translates(replace(GERMAN, language_code="ja", speech_models=()))
    assert not translates(replace(GERMAN, speech_models=()))  # Parakeet knows German best
    assert not translates(replace(GERMAN, language_code="en_us"))


def test_of_a_language_that_is_not_known_yet_any_engine_will_do(
    models: ModelStore, tmp_path: Path
) -> None:
    unknown = TranscriptOptions(language_detection=LanguageDetection())
    assert speech_translator(Settings(models=models.folder), models)(unknown)
    bare = ModelStore(tmp_path)
    assert not speech_translator(Settings(models=tmp_path), bare)(unknown)
