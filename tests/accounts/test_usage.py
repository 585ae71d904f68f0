from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from earshot.accounts.keys import create_key
from earshot.accounts.prices import read_prices
from earshot.accounts.usage import (
    MAX_TOKENS,
    UNKNOWN,
    Product,
    UsageOwner,
    record_all_tokens,
    record_audio,
    record_live_session,
    record_tokens,
    report_usage,
)
from earshot.errors import RequestInvalid
from earshot.storage.api_keys import ApiKeyRow
from earshot.storage.live_sessions import LiveSessionRow
from earshot.storage.usage import UsageFilter
from earshot.transcript.findings import TokensUsed

NIGHT = datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC)
EVERYTHING = UsageFilter()


@pytest.fixture
def key(engine: sa.Engine) -> ApiKeyRow:
    with engine.begin() as conn:
        return create_key(conn, "laptop", "law", NIGHT).row


def test_audio_is_counted_on_its_day_in_utc_with_its_names(
    engine: sa.Engine, key: ApiKeyRow
) -> None:
    owner = UsageOwner(key.project_id, key.id)
    with engine.begin() as conn:
        record_audio(conn, owner, Product.TRANSCRIPTION, "tiny", audio_ms=1500, now=NIGHT)
        (line,) = report_usage(conn, EVERYTHING)
    assert (line.project_name, line.key_name, line.cost) == ("law", "laptop", None)
    assert (line.total.day, line.total.audio_ms) == (date(2026, 3, 2), 1500)


def test_a_live_session_is_counted_on_the_day_it_ended(engine: sa.Engine, key: ApiKeyRow) -> None:
    ended = NIGHT + timedelta(seconds=2.5)
    session = LiveSessionRow("s", key.project_id, key.id, NIGHT, ended, 2000, 1000, engine="tiny")
    with engine.begin() as conn:
        record_live_session(conn, session)
        (line,) = report_usage(conn, EVERYTHING)
    total = line.total
    assert (total.day, total.product, total.model) == (date(2026, 3, 3), "streaming", "tiny")
    assert (total.audio_ms, total.session_ms) == (2000, 2500)


def test_a_total_over_models_costs_the_sum_of_their_prices(
    engine: sa.Engine, key: ApiKeyRow
) -> None:
    owner = UsageOwner(key.project_id, None)
    prices = read_prices(["transcription=1", "transcription/large=3", "llm-input=2"])
    hour_ms = 3_600_000
    with engine.begin() as conn:
        for model in ("tiny", "large"):
            record_audio(conn, owner, Product.TRANSCRIPTION, model, audio_ms=hour_ms, now=NIGHT)
        record_tokens(conn, owner, "qwen", input_tokens=500_000, output_tokens=7, now=NIGHT)
        (total,) = report_usage(conn, EVERYTHING, ("project_id",), prices)
        by_product = report_usage(conn, EVERYTHING, ("product",), prices)
    assert total.cost == pytest.approx(5.0)
    assert [line.cost for line in by_product] == pytest.approx([1.0, 4.0])
    assert (total.total.input_tokens, total.total.output_tokens) == (500_000, 7)


def test_tokens_of_several_models_are_counted_apart(engine: sa.Engine, key: ApiKeyRow) -> None:
    owner = UsageOwner(key.project_id, key.id)
    used = (TokensUsed("qwen", 5, 1), TokensUsed("llama", 7, 2), TokensUsed("qwen", 1, 1))
    with engine.begin() as conn:
        record_all_tokens(conn, owner, used, NIGHT)
        lines = report_usage(conn, EVERYTHING, ("model",))
    tokens = {one.total.model: (one.total.input_tokens, one.total.output_tokens) for one in lines}
    assert tokens == {"qwen": (6, 2), "llama": (7, 2)}


def test_usage_of_nobody_in_particular_has_no_key(engine: sa.Engine, key: ApiKeyRow) -> None:
    owner = UsageOwner(key.project_id, None)
    with engine.begin() as conn:
        record_audio(conn, owner, Product.SYNC, "tiny", audio_ms=1, now=NIGHT)
        (line,) = report_usage(conn, EVERYTHING)
    assert (line.total.key_id, line.key_name) == (UNKNOWN, None)


def test_an_endpoint_that_cannot_count_spoils_no_sum(engine: sa.Engine, key: ApiKeyRow) -> None:
    owner = UsageOwner(key.project_id, key.id)
    with engine.begin() as conn:
        for n_in, n_out in ((10**30, -5), (2**62, 7)):
            record_tokens(conn, owner, "qwen", input_tokens=n_in, output_tokens=n_out, now=NIGHT)
        (line,) = report_usage(conn, EVERYTHING)
    assert (line.total.input_tokens, line.total.output_tokens) == (2 * MAX_TOKENS, 7)


def test_a_report_that_ends_before_it_begins_is_refused(engine: sa.Engine) -> None:
    backwards = UsageFilter(first_day=date(2026, 3, 2), last_day=date(2026, 3, 1))
    with engine.begin() as conn:
        with pytest.raises(RequestInvalid, match="2026-03-01, the last day, is before"):
            report_usage(conn, backwards)
        one_day = UsageFilter(first_day=date(2026, 3, 2), last_day=date(2026, 3, 2))
        assert report_usage(conn, one_day) == []
