import os
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from earshot.api.sync_services import SyncOrder
from earshot.audio.waveform import SAMPLE_RATE, Samples
from earshot.errors import ModelCorrupt, ModelsUnusable
from earshot.models.store import ModelStore
from earshot.pipeline.turns import Abandoned
from earshot.settings import load_settings
from earshot.transcript.options import TranscriptOptions
from earshot.wiring.live import LiveHearing
from earshot.wiring.sync import NICENESS, SyncHearing, build_sync
from tests.processes import write_wav

pytestmark = pytest.mark.slow
PATIENCE_S = 120


@pytest.fixture(scope="module")
def hearing(models: ModelStore) -> Iterator[SyncHearing]:
    settings = load_settings(
        {"EARSHOT_MODELS": str(models.folder), "EARSHOT_TIERS": "best=moonshine"}
    )
    with closing(LiveHearing(settings)) as live, closing(SyncHearing(settings, live)) as hearing:
        yield hearing


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory, two_cities: Samples) -> Path:
    return write_wav(tmp_path_factory.mktemp("sync") / "a.wav", two_cities[: 5 * SAMPLE_RATE])


def order(recording: Path, *, is_wanted: bool = True) -> SyncOrder:
    return SyncOrder(recording, TranscriptOptions(), 60_000, is_wanted=lambda: is_wanted)


def test_what_is_asked_for_before_the_models_are_there_waits_for_them(
    hearing: SyncHearing, recording: Path
) -> None:
    result = hearing.submit(order(recording)).result(PATIENCE_S)
    assert result.text.lower().startswith("it was the best of times")
    assert hearing.is_ready
    assert hearing.live_is_ready


def test_what_nobody_wants_any_more_is_given_up(hearing: SyncHearing, recording: Path) -> None:
    with pytest.raises(Abandoned):
        hearing.submit(order(recording, is_wanted=False)).result(PATIENCE_S)


@pytest.mark.skipif(sys.platform != "linux", reason="threads cannot be nice each by itself")
def test_who_decodes_gives_way_to_others_too(hearing: SyncHearing, recording: Path) -> None:
    seen: list[int] = []

    def is_wanted() -> bool:  # asked by whoever decodes, and whoever recognises
        seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return True

    asked = SyncOrder(recording, TranscriptOptions(), 60_000, is_wanted=is_wanted)
    hearing.submit(asked).result(PATIENCE_S)
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    assert set(seen) == {min(19, ours + NICENESS)}


def test_models_may_be_called_by_their_names_and_those_of_the_tiers(hearing: SyncHearing) -> None:
    assert set(hearing.model_names) >= {"moonshine", "moonshine-tiny-en", "best"}
    assert (hearing.detects_languages, hearing.translator) == (False, None)


def test_models_that_could_not_be_loaded_are_loaded_for_the_next_request(
    tmp_path: Path, recording: Path
) -> None:
    settings = load_settings({"EARSHOT_MODELS": str(tmp_path)})
    in_the_way = tmp_path / "silero"
    in_the_way.touch()
    with closing(LiveHearing(settings)) as live, closing(SyncHearing(settings, live)) as hearing:
        with pytest.raises(ModelsUnusable) as refused:
            hearing.submit(order(recording)).result(PATIENCE_S)
        assert isinstance(refused.value.__cause__, ModelCorrupt)
        assert not hearing.is_ready
        in_the_way.unlink()
        assert hearing.submit(order(recording)).result(PATIENCE_S).words


def test_the_limits_are_those_of_the_settings(hearing: SyncHearing) -> None:
    settings = load_settings({"EARSHOT_MAX_SYNC_REQUESTS": "3", "EARSHOT_OPENAI_MAX_S": "60"})
    sync = build_sync(settings, hearing)
    assert (sync.limits.max_of_project, sync.limits.max_at_once, sync.limits.max_s) == (3, 6, 60)
