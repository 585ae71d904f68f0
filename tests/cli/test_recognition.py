import pytest
import typer

from earshot.api.schemas.rules import MAX_TERMS
from earshot.cli.recognition import require_language, vocabulary_of_keyterms, why_passed_over
from earshot.models.store import ModelStore
from earshot.settings import load_settings
from earshot.transcript.options import Vocabulary


@pytest.mark.parametrize("language", ["auto", "en_us", "en-GB", "pt_br", "nb", "yue", "DE"])
def test_languages_may_have_regions_and_other_names(language: str) -> None:
    require_language(language)


@pytest.mark.parametrize("language", ["xx", "", "english"])
def test_what_is_no_language_is_a_wrong_option(language: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"must be a language code .* es, or auto"):
        require_language(language)


def test_terms_are_listened_for_in_their_order() -> None:
    assert vocabulary_of_keyterms(["b c", "a"]) == Vocabulary(("b c", "a"))
    assert vocabulary_of_keyterms(None) == Vocabulary()


@pytest.mark.parametrize(
    "keyterms", [["one two three four five six seven"], ["x" * 201], [str(n) for n in range(1001)]]
)
def test_terms_that_nobody_could_listen_for_are_a_wrong_option(keyterms: list[str]) -> None:
    with pytest.raises(typer.BadParameter, match=rf"it must be a list .*({MAX_TERMS}|200)"):
        vocabulary_of_keyterms(keyterms)


@pytest.mark.parametrize(
    ("model", "language", "why"),
    [
        ("moonshine", "en_us", None),
        ("moonshine-tiny-en", "auto", None),
        ("moonshine", "de", "does not know the language de"),
        ("whisper-small", "en", "is not installed. Run: earshot models pull whisper-small"),
        ("foo", "en", "is not known here; see: earshot models list"),
        ("nano", "en", None),
        ("best", "en", "is not installed. Run: earshot models pull whisper-small"),
    ],
)
def test_why_a_model_is_passed_over_is_known_beforehand(
    models: ModelStore, model: str, language: str, why: str | None
) -> None:
    settings = load_settings(
        {"EARSHOT_MODELS": str(models.folder), "EARSHOT_TIERS": "best=whisper-small"}
    )
    assert why_passed_over(model, language, settings) == why


def test_a_model_without_room_is_passed_over(models: ModelStore) -> None:
    models.files("moonshine")  # which puts them into the folder
    settings = load_settings({"EARSHOT_MODELS": str(models.folder), "EARSHOT_MODEL_MEMORY_MB": "1"})
    why = why_passed_over("moonshine", "en", settings)
    assert why is not None
    assert "EARSHOT_MODEL_MEMORY_MB" in why
