"""What `earshot transcribe` is asked to recognise: the language, the model and the words."""

from collections.abc import Sequence
from typing import Annotated, Final

import typer

from earshot.api.schemas.rules import require_language_code, require_short_list
from earshot.api.schemas.speech_models import is_speech_model
from earshot.errors import RequestInvalid
from earshot.recognition.language_codes import language_of
from earshot.settings import Settings
from earshot.transcript.options import Vocabulary
from earshot.wiring.installed import offered_engines, open_models, read_tiers

FIND_OUT: Final = "auto"

LanguageOption = Annotated[
    str,
    typer.Option(
        "--language", help="Language of the speech, such as en_us, de or fr; auto finds out."
    ),
]
ModelOption = Annotated[
    str | None,
    typer.Option("--model", help="Model to prefer, as `earshot models list` names it."),
]


def require_language(language: str) -> None:
    """typer.BadParameter where there is no such language; it may have a region."""
    if language == FIND_OUT:
        return
    try:
        require_language_code("it", language_of(language))
    except RequestInvalid as error:
        raise typer.BadParameter(f"{error}, or auto", param_hint="--language") from error


def vocabulary_of_keyterms(keyterms: Sequence[str] | None) -> Vocabulary:
    """What is listened for; typer.BadParameter where nobody could, by the API's rules."""
    try:
        require_short_list("it", keyterms)
    except RequestInvalid as error:
        raise typer.BadParameter(str(error), param_hint="--keyterm") from error
    return Vocabulary(tuple(keyterms or ()))


def why_passed_over(model: str, language: str, settings: Settings) -> str | None:
    """Why another model than that will transcribe; None where it will, or where no model is meant.

    A name of the API's is another way to leave it to the settings.
    """
    store = open_models(settings)
    wanted = read_tiers(settings, store).get(model, model)
    specs = [
        spec
        for spec in store.specs()
        if spec.engine is not None and wanted in (spec.name, spec.engine.speech_model)
    ]
    if not specs:
        return None if is_speech_model(model) else "is not known here; see: earshot models list"
    if not store.is_present(specs[0].name):
        return f"is not installed. Run: earshot models pull {specs[0].name}"
    offers = [one for one in offered_engines(settings, store) if one.model == specs[0].name]
    if not offers:
        return "is over EARSHOT_MODEL_MEMORY_MB, or lacks its engine; see: earshot doctor"
    if language != FIND_OUT and language_of(language) not in offers[0].languages:
        return f"does not know the language {language}"
    return None
