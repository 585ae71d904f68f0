from dataclasses import replace

import pytest

from earshot.accounts.prices import PriceTable, read_prices
from earshot.storage.usage import UsageRow

HOUR_MS = 3_600_000


def used(product: str, model: str = "tiny", *, audio_ms: int = 0, session_ms: int = 0) -> UsageRow:
    return UsageRow(
        day=None,
        project_id=None,
        key_id=None,
        product=product,
        model=model,
        audio_ms=audio_ms,
        session_ms=session_ms,
    )


def test_the_price_of_a_model_goes_before_that_of_its_product() -> None:
    table = read_prices(["transcription = 0.5", "transcription/large=2"])
    assert table.cost(used("transcription", audio_ms=HOUR_MS)) == pytest.approx(0.5)
    assert table.cost(used("transcription", "large", audio_ms=HOUR_MS)) == pytest.approx(2)


def test_a_live_session_costs_by_how_long_it_went_on() -> None:
    session = used("streaming", audio_ms=HOUR_MS, session_ms=2 * HOUR_MS)
    assert read_prices(["streaming=1"]).cost(session) == pytest.approx(2)


def test_tokens_cost_by_the_million() -> None:
    table = read_prices(["llm-input=1", "llm-output/qwen=4"])
    qwen = replace(used("llm", "qwen"), input_tokens=500_000, output_tokens=250_000)
    assert table.cost(qwen) == pytest.approx(1.5)
    assert table.cost(replace(qwen, model="other")) == pytest.approx(0.5)


def test_what_has_no_price_is_free() -> None:
    assert PriceTable({}).cost(used("transcription", audio_ms=HOUR_MS)) == 0


@pytest.mark.parametrize(
    "pair", ["transcription", "transcription=", "coffee=1", "transcription/=1", "sync=-1", "sync=x"]
)
def test_a_pair_that_is_no_price_is_named(pair: str) -> None:
    with pytest.raises(ValueError, match=pair):
        read_prices([pair])
