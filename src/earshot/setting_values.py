"""What a setting may hold: text of the environment, or a value of a TOML file, read and checked.

Each reader gives the value, or raises ValueError with what it must be, without its name: who calls
knows that.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from earshot.accounts.prices import read_prices
from earshot.egress.buckets import parse_buckets
from earshot.egress.policy import parse_allow_list
from earshot.llm.endpoints import DEFAULT_NAME, dump_endpoints, read_endpoints, require_llm_url
from earshot.models.own import read_own_model

LOG_LEVELS = ("debug", "info", "warning", "error")
MAX_PORT = 2**16 - 1


def read_text(raw: object) -> str:
    """Text, not empty."""
    if not isinstance(raw, str) or not raw:
        raise ValueError("must be text")
    return raw


def read_path(raw: object) -> Path:
    """A path, whose `~` is the home folder."""
    return Path(read_text(raw)).expanduser()


def read_whole_number(raw: object) -> int:
    """A whole number of 0 or more."""
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        raise ValueError("must be a whole number")  # noqa: TRY004 -- one error type per bad value
    if isinstance(raw, str) and not raw.strip().isdecimal():
        raise ValueError("must be a whole number, and not negative")
    number = int(raw)
    if number < 0:
        raise ValueError("must not be negative")
    return number


def read_count(raw: object) -> int:
    """A whole number of 1 or more."""
    number = read_whole_number(raw)
    if number == 0:
        raise ValueError("must be at least 1")
    return number


def read_port(raw: object) -> int:
    """A port of TCP; 0 stands for any that is free."""
    number = read_whole_number(raw)
    if number > MAX_PORT:
        raise ValueError(f"must be at most {MAX_PORT}")
    return number


def read_yes_or_no(raw: object) -> bool:
    """True for true, 1 and yes, in capitals too; false for false, 0 and no."""
    known = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if str(raw).lower() not in known:
        raise ValueError("must be true or false")
    return known[str(raw).lower()]


def read_number(raw: object) -> float:
    """A finite number over 0."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise ValueError("must be a number")  # noqa: TRY004 -- one error type per bad value
    try:
        number = float(raw)
    except ValueError:
        raise ValueError("must be a number") from None
    if not 0 < number < float("inf"):
        raise ValueError("must be over 0")
    return number


def one_of(choices: Sequence[str]) -> Callable[[object], str]:
    """A reader that takes one of these and nothing else."""

    def read(raw: object) -> str:
        if str(raw) not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return str(raw)

    return read


def _read_texts(raw: object, explanation: str) -> tuple[str, ...]:
    items = raw.split(",") if isinstance(raw, str) else raw
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ValueError(explanation)
    return tuple(item.strip() for item in items if item.strip())


def read_hosts(raw: object) -> tuple[str, ...]:
    """Hosts and CIDRs, as a policy of addresses takes them."""
    hosts = _read_texts(raw, "must be hosts or CIDRs, separated by commas")
    parse_allow_list(hosts)
    return hosts


def read_buckets(raw: object) -> tuple[str, ...]:
    """Buckets, each with the project that may read it, if not all may."""
    buckets = _read_texts(raw, "must be buckets, separated by commas")
    parse_buckets(buckets)
    return buckets


def read_price_pairs(raw: object) -> tuple[str, ...]:
    """Pairs `product=price`, which a table of a file may hold as well."""
    if isinstance(raw, dict):
        raw = [f"{product}={price}" for product, price in raw.items()]
    pairs = _read_texts(raw, "must be pairs product=price, separated by commas")
    read_prices(pairs)
    return pairs


def read_tier_pairs(raw: object) -> tuple[str, ...]:
    """Pairs `tier=engine`, which a table of a file may hold as well; without spaces around them."""
    if isinstance(raw, dict):
        raw = [f"{tier}={engine}" for tier, engine in raw.items()]
    pairs = _read_texts(raw, "must be pairs tier=engine, separated by commas")
    for pair in pairs:
        tier, _, engine = pair.partition("=")
        if not tier.strip() or not engine.strip():
            raise ValueError(f"'{pair}' is no pair tier=engine, such as nano=whisper-small")
    return tuple("=".join(part.strip() for part in pair.split("=", 1)) for pair in pairs)


def read_own_models(raw: object) -> tuple[str, ...]:
    """Models of ones own, `name=family:languages:folder`."""
    models = _read_texts(raw, "must be models name=family:languages:folder, separated by commas")
    for model in models:
        read_own_model(model)
    return models


def read_existing_file(raw: object) -> Path:
    """The path of a file that is there."""
    path = read_path(raw)
    if not path.is_file():
        raise ValueError("is not a file")
    return path


def read_llm_url(raw: object) -> str:
    """The URL of a language model's endpoint."""
    return require_llm_url(read_text(raw))


def read_llms(raw: object) -> str:
    """Endpoints of language models as JSON, from JSON or from tables of a file."""
    endpoints = read_endpoints(raw)
    if any(one.name == DEFAULT_NAME for one in endpoints):
        raise ValueError(f"{DEFAULT_NAME} is the name of the one at EARSHOT_LLM_URL")
    return dump_endpoints(endpoints)


def read_project_names(raw: object) -> tuple[str, ...]:
    """Names of projects."""
    return _read_texts(raw, "must be names of projects, separated by commas")


def read_log_level(raw: object) -> str:
    """A level of the log, in small letters."""
    level = read_text(raw).lower()
    if level not in LOG_LEVELS:
        raise ValueError(f"must be one of {', '.join(LOG_LEVELS)}")
    return level


def read_http_url(raw: object) -> str:
    """An http or https URL, without a slash at its end."""
    url = read_text(raw).rstrip("/")
    if not url.startswith(("http://", "https://")):
        raise ValueError("must start with http:// or https://")
    return url
