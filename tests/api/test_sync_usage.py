import logging

import pytest
import sqlalchemy as sa

from earshot.accounts.usage import UsageLine, report_usage
from earshot.errors import AudioTooShort
from earshot.storage.database import reading
from earshot.storage.schema import usage
from earshot.storage.usage import UsageFilter
from tests.api.conftest import World
from tests.api.sync import ScriptedEngines, client_of, form


def used(world: World) -> list[UsageLine]:
    with reading(world.services.engine) as conn:
        return list(report_usage(conn, UsageFilter()))


def test_audio_is_counted_for_the_key_that_sent_it(world: World) -> None:
    engines = ScriptedEngines()
    assert client_of(world, engines).post("/v1/transcribe", files=form()).status_code == 200
    (line,) = used(world)
    assert (line.project_name, line.key_name, line.total.product) == ("default", "first", "sync")
    assert line.total.model == engines.result.engine
    assert line.total.audio_ms == engines.result.duration_ms


@pytest.mark.parametrize("stream", ["false", "true"])
def test_openai_s_way_is_counted_as_well(world: World, stream: str) -> None:
    answer = client_of(world, ScriptedEngines()).post(
        "/v1/audio/transcriptions",
        files={"file": ("a.wav", b"RIFFsound", "audio/wav")},
        data={"model": "whisper-1", "stream": stream},
    )
    assert answer.status_code == 200
    assert [line.total.n_requests for line in used(world)] == [1]


def test_what_failed_is_not_counted(world: World) -> None:
    engines = ScriptedEngines(failure=AudioTooShort())
    assert client_of(world, engines).post("/v1/transcribe", files=form()).status_code >= 400
    assert used(world) == []


def test_a_database_that_is_away_costs_nobody_the_answer(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with world.services.engine.begin() as conn:
        conn.execute(sa.schema.DropTable(usage))
        conn.execute(sa.text("create view usage as select 1"))
    with caplog.at_level(logging.WARNING):
        answer = client_of(world, ScriptedEngines()).post("/v1/transcribe", files=form())
    assert answer.status_code == 200
    assert "sync_usage_not_recorded" in caplog.messages
