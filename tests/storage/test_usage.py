from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from earshot.storage.database import reading
from earshot.storage.projects import insert_project_if_absent, mark_project_deleted
from earshot.storage.usage import UsageFilter, UsageRow, add_usage, project_names, total_usage
from earshot.transcript.clock import utc_now

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
ROW = UsageRow(
    day=MONDAY,
    project_id="p",
    key_id="k",
    product="transcription",
    model="moonshine",
    audio_ms=1000,
)


@pytest.fixture(autouse=True)
def _projects(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        insert_project_if_absent(conn, "p", "law", utc_now())
        insert_project_if_absent(conn, "q", "press", utc_now())


def test_the_same_day_key_and_model_are_added_up(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        add_usage(conn, ROW)
        add_usage(conn, replace(ROW, audio_ms=500, input_tokens=7))
        add_usage(conn, replace(ROW, day=TUESDAY))
        monday, tuesday = total_usage(conn, UsageFilter())
    assert monday == replace(ROW, n_requests=2, audio_ms=1500, input_tokens=7)
    assert tuesday == replace(ROW, day=TUESDAY)


def test_a_total_leaves_out_what_it_is_not_grouped_by(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        add_usage(conn, ROW)
        add_usage(conn, replace(ROW, project_id="q", model="whisper"))
        by_project = total_usage(conn, UsageFilter(), ("project_id",))
        (in_all,) = total_usage(conn, UsageFilter(), ())
    assert [row.project_id for row in by_project] == ["p", "q"]
    assert {row.model for row in by_project} == {None}
    assert (in_all.project_id, in_all.n_requests, in_all.audio_ms) == (None, 2, 2000)


def test_a_filter_takes_both_of_its_days_and_one_project(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        for day in (MONDAY, TUESDAY):
            add_usage(conn, replace(ROW, day=day))
        add_usage(conn, replace(ROW, project_id="q"))
        until = total_usage(conn, UsageFilter(last_day=MONDAY, project_id="p"))
        since = total_usage(conn, UsageFilter(first_day=TUESDAY))
        assert total_usage(conn, UsageFilter(last_day=date(2026, 3, 1)), ()) == []
    assert [row.day for row in until] == [MONDAY]
    assert [row.day for row in since] == [TUESDAY]


def test_what_many_add_at_once_is_all_there(engine: sa.Engine) -> None:
    def add(_: int) -> None:
        with engine.begin() as conn:
            add_usage(conn, ROW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(40)))
    with reading(engine) as conn:
        (row,) = total_usage(conn, UsageFilter())
    assert (row.n_requests, row.audio_ms) == (40, 40_000)


def test_a_deleted_project_is_named_as_one(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        mark_project_deleted(conn, "p", utc_now())
        assert project_names(conn) == {"p": "deleted:p", "q": "press"}
