"""What the operator charges: a price for each product, or for one model of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from earshot.storage.usage import UsageRow

MS_PER_H: Final = 3_600_000
TOKENS_PER_PRICE: Final = 1_000_000
INPUT_TOKENS: Final = "llm-input"
OUTPUT_TOKENS: Final = "llm-output"
# Live sessions are charged by how long they go on, as the compatible API does.
STREAMING: Final = "streaming"
PRICED: Final = ("transcription", STREAMING, "sync", INPUT_TOKENS, OUTPUT_TOKENS)


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Prices by `product` or `product/model`, of an hour or of a million tokens.

    What has no price costs nothing. The currency is whatever the operator has in mind.
    """

    prices: Mapping[str, float]

    def cost(self, used: UsageRow) -> float:
        """What it costs; `used` is of one product and one model."""
        charged_ms = used.session_ms if used.product == STREAMING else used.audio_ms
        return (
            charged_ms / MS_PER_H * self._price(used.product, used.model)
            + used.input_tokens / TOKENS_PER_PRICE * self._price(INPUT_TOKENS, used.model)
            + used.output_tokens / TOKENS_PER_PRICE * self._price(OUTPUT_TOKENS, used.model)
        )

    def _price(self, product: str | None, model: str | None) -> float:
        of_product = self.prices.get(f"{product}", 0.0)
        return self.prices.get(f"{product}/{model}", of_product)


def read_prices(pairs: Iterable[str]) -> PriceTable:
    """The table of pairs such as `transcription=0.25` and `llm-input/qwen=0.1`.

    Raises ValueError, which names the pair, where one is none.
    """
    prices: dict[str, float] = {}
    for pair in pairs:
        name, _, text = (part.strip() for part in pair.partition("="))
        product, _, model = name.partition("/")
        if product not in PRICED or (not model and "/" in name):
            raise ValueError(
                f"'{pair}' names no product; there are {', '.join(PRICED)}, each also as "
                "product/model"
            )
        prices[name] = _price(pair, text)
    return PriceTable(prices)


def _price(pair: str, text: str) -> float:
    try:
        price = float(text)
    except ValueError:
        raise ValueError(f"'{pair}' has no price, such as transcription=0.25") from None
    if not 0 <= price < float("inf"):
        raise ValueError(f"'{pair}' must have a price of 0 or more")
    return price
