from pathlib import Path

import pytest

from earshot.api.live_services import LiveParts
from earshot.errors import ModelCorrupt
from earshot.settings import load_settings
from earshot.wiring.live import LiveHearing

PATIENCE_S = 60


@pytest.mark.slow
def test_models_that_could_not_be_loaded_are_loaded_for_the_next_session(tmp_path: Path) -> None:
    hearing = LiveHearing(load_settings({"EARSHOT_MODELS": str(tmp_path)}))
    engine = hearing.choose(language="en", is_multilingual=False)
    assert engine is not None
    in_the_way = tmp_path / "moonshine" / "derived"
    in_the_way.parent.mkdir()
    in_the_way.touch()
    try:
        assert isinstance(hearing.parts(engine).exception(PATIENCE_S), ModelCorrupt)
        assert not hearing.is_ready
        in_the_way.unlink()
        assert isinstance(hearing.parts(engine).result(PATIENCE_S), LiveParts)
        assert hearing.is_ready
    finally:
        hearing.close()
