import pytest

from earshot.recognition.catalog import Offer
from earshot.recognition.preferences import best_first, choose_offer

EMBEDDED = Offer("moonshine-tiny-en", "moonshine", frozenset({"en"}), is_embedded=True)
SMALL = Offer("whisper-small", "whisper-small", frozenset({"en", "de", "fr", "yue"}), rank=30)
NEMO = Offer("parakeet-v3", "parakeet-v3", frozenset({"en", "de"}), rank=50)
OFFERS = (EMBEDDED, SMALL, NEMO)


def chosen(code: str, *asked: str, **tiers: str) -> str | None:
    mapping = {name.replace("_", "-"): engine for name, engine in tiers.items()}
    offer = choose_offer(OFFERS, code, asked, mapping)
    return offer.name if offer else None


def test_english_is_for_the_embedded_engine_and_the_rest_for_the_best_that_knows_it() -> None:
    assert chosen("en_us") == "moonshine-tiny-en"
    assert chosen("de") == "parakeet-v3"
    assert chosen("fr") == "whisper-small"
    assert chosen("ja") is None


def test_a_tier_is_its_engine_by_the_engines_or_the_models_name() -> None:
    assert chosen("en", "nano", nano="whisper-small") == "whisper-small"
    assert chosen("en", "nano", nano="moonshine") == "moonshine-tiny-en"


def test_the_first_tier_whose_engine_is_installed_and_knows_the_language_wins() -> None:
    tiers = {"universal_3_pro": "whisper-large-v3", "universal_2": "whisper-small"}
    assert chosen("en", "universal-3-pro", "universal-2", **tiers) == "whisper-small"
    assert chosen("fr", "nano", "universal-2", nano="parakeet-v3", **tiers) == "whisper-small"


def test_where_no_tier_has_an_engine_the_language_decides() -> None:
    assert chosen("en", "universal-2") == "moonshine-tiny-en"
    assert chosen("fr", "nano", nano="moonshine") == "whisper-small"


def test_the_default_tier_is_for_those_who_ask_for_nothing_that_is_there() -> None:
    assert chosen("en", default="whisper-small") == "whisper-small"
    assert chosen("en", "universal-2", default="whisper-small") == "whisper-small"
    assert chosen("en", "nano", default="whisper-small", nano="moonshine") == "moonshine-tiny-en"
    assert chosen("fr", default="moonshine") == "whisper-small"


def test_an_engine_can_be_asked_for_by_its_own_name() -> None:
    assert chosen("en", "parakeet-v3") == "parakeet-v3"


def test_without_the_embedded_engine_the_best_takes_english() -> None:
    offer = choose_offer((SMALL, NEMO), "en", (), {})
    assert offer is NEMO


def test_the_best_come_first() -> None:
    assert best_first(OFFERS) == [NEMO, SMALL, EMBEDDED]


@pytest.mark.parametrize("code", ["yue", "de_ch"])
def test_a_code_of_the_api_finds_the_language_of_an_engine(code: str) -> None:
    assert chosen(code) is not None
