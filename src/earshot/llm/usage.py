"""What language models read and write, in tokens: as endpoints count them, or about as many."""

from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from earshot.transcript.findings import TokensUsed

# What English text has on average; servers that do not count are rare.
CHARS_PER_TOKEN = 4
# More than any model reads at once: what an endpoint tells beyond that is no count.
MAX_TOLD = 10**9


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that a model read and wrote."""

    input_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input_tokens + other.input_tokens, self.output_tokens + other.output_tokens
        )


class UsageMeter:
    """Adds up what models took, by their names; safe to share between threads."""

    def __init__(self) -> None:
        self._used: dict[str, Usage] = {}
        self._lock = Lock()

    def add(self, model: str, used: Usage) -> None:
        with self._lock:
            self._used[model] = self._used.get(model, Usage()) + used

    def take(self) -> tuple[TokensUsed, ...]:
        """What was added since this was asked for last."""
        with self._lock:
            used, self._used = self._used, {}
        return tuple(
            TokensUsed(model, one.input_tokens, one.output_tokens) for model, one in used.items()
        )


def usage_in(told: Any) -> Usage | None:  # noqa: ANN401 - any JSON value
    """The tokens that an endpoint says it counted; None where it does not say."""
    if not isinstance(told, dict):
        return None
    counts = [told.get("prompt_tokens"), told.get("completion_tokens")]
    numbers = [one for one in counts if isinstance(one, int) and 0 <= one <= MAX_TOLD]
    return Usage(*numbers) if len(numbers) == len(counts) else None


def estimate_tokens(text: str) -> int:
    """About as many as a model would count."""
    return tokens_of_chars(len(text))


def tokens_of_chars(n_chars: int) -> int:
    return -(-n_chars // CHARS_PER_TOKEN)


def estimate_usage(read: Iterable[str], written: str) -> Usage:
    """About what a model would have counted, had its endpoint said so."""
    return Usage(sum(map(estimate_tokens, read)), estimate_tokens(written))
