from pathlib import Path

import pytest

from earshot.errors import ModelCorrupt
from earshot.models.store import ModelStore
from earshot.streaming.shared_voices import SharedVoices
from earshot.wiring.installed import DIARIZER
from earshot.wiring.live_voices import LiveVoices

PATIENCE_S = 60


@pytest.mark.slow
def test_voices_that_could_not_be_loaded_are_loaded_for_the_next_session(tmp_path: Path) -> None:
    voices = LiveVoices(ModelStore(tmp_path))
    in_the_way = tmp_path / DIARIZER / "derived"
    in_the_way.parent.mkdir()
    in_the_way.touch()
    try:
        assert isinstance(voices.voices().exception(PATIENCE_S), ModelCorrupt)
        in_the_way.unlink()
        loaded = voices.voices()
        assert isinstance(loaded.result(PATIENCE_S), SharedVoices)
        assert voices.voices() is loaded
    finally:
        voices.close()
