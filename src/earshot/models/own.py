"""Models in folders of the operator's own: converted, fine-tuned, or of another maker."""

from pathlib import Path

from earshot.models.catalog import (
    INTO_ENGLISH,
    NOTHING,
    WHISPER_V3_LANGUAGES,
    EngineFacts,
    ModelSpec,
)
from earshot.models.layout import (
    CANARY_LAYOUT,
    CTC_LAYOUT,
    TRANSDUCER_LAYOUT,
    WHISPER_LAYOUT,
    Layout,
)

# Whoever names a model of their own wants it used: over those of the catalog.
OWN_RANK = 100
_FAMILIES: dict[str, tuple[str, Layout]] = {
    "whisper": ("whisper", WHISPER_LAYOUT),
    "parakeet": ("parakeet", TRANSDUCER_LAYOUT),
    "parakeet-ctc": ("parakeet", CTC_LAYOUT),
    "canary": ("parakeet", CANARY_LAYOUT),
}


def _translations(family: str, codes: frozenset[str]) -> frozenset[str]:
    """What models of the family are taught to write in place of what is said."""
    return {"whisper": INTO_ENGLISH, "canary": codes}.get(family, NOTHING)


def read_own_model(text: str) -> ModelSpec:
    """The model that `name=family:languages:folder` describes; ValueError says what is wrong.

    Languages are joined by `+`, by the codes of Whisper.
    """
    name, _, rest = text.partition("=")
    family, languages, folder = (*rest.split(":", 2), "", "")[:3]
    if not (name and family and languages and folder):
        raise ValueError(f"'{text}' is not name=family:languages:folder")
    if family not in _FAMILIES:
        raise ValueError(f"'{family}' is no family of models; known: {', '.join(_FAMILIES)}")
    codes = frozenset(languages.split("+"))
    if not codes <= WHISPER_V3_LANGUAGES:
        unknown = ", ".join(sorted(codes - WHISPER_V3_LANGUAGES))
        raise ValueError(f"'{unknown}' is no language code; several are joined by +, as in en+de")
    engine_family, layout = _FAMILIES[family]
    return ModelSpec(
        name=name,
        purpose="recognizes speech; a model of your own",
        licence="yours",
        layout=layout,
        own_folder=Path(folder).expanduser(),
        engine=EngineFacts(engine_family, codes, OWN_RANK, name, _translations(family, codes)),
    )
