"""Names of model tiers on the wire: what is accepted, and what a Transcript object may show.

Generations differ here (conflict C1 of the contract): clients of 2025 send `speech_model`, those of
2026 `speech_models`, and the service of 2026 refuses the former.
"""

from typing import Any, Final

from earshot.api.compat import Compat
from earshot.api.schemas.parameters import EchoedParameters
from earshot.errors import RequestInvalid

SPEECH_MODELS_2025: Final = ("best", "nano", "slam-1", "universal")
SPEECH_MODELS_2026: Final = ("universal-3-pro", "universal-2", "universal-3-5-pro")
DEFAULT_SPEECH_MODELS_2026: Final = ("universal-3-5-pro", "universal-2")

DEPRECATED_2026: Final = (
    'speech_model is deprecated. Use "speech_models" instead. See documentation: '
    "https://www.assemblyai.com/docs/pre-recorded-audio/select-the-speech-model"
)
SPEECH_MODELS_INVALID: Final = (
    '"speech_models" must be a non-empty list containing one or more of: '
    + ", ".join(f'"{name}"' for name in SPEECH_MODELS_2026)
)


def require_speech_models(wire: EchoedParameters, *, compat: Compat) -> None:
    """RequestInvalid where the tiers asked for do not exist, or not in that generation."""
    if wire.speech_model is not None:
        if compat == "2026":
            raise RequestInvalid(DEPRECATED_2026)
        if compat == "2025" and wire.speech_model not in SPEECH_MODELS_2025:
            raise RequestInvalid("speech_model must be one of: " + ", ".join(SPEECH_MODELS_2025))
    if wire.speech_models is not None and not any(map(is_speech_model, wire.speech_models)):
        raise RequestInvalid(SPEECH_MODELS_INVALID)


def asked_speech_models(wire: EchoedParameters) -> tuple[str, ...]:
    """The tiers that are asked for, the preferred one first; unknown names are passed over."""
    single = [] if wire.speech_model is None else [wire.speech_model]
    return tuple(filter(is_speech_model, wire.speech_models or single))


def is_speech_model(name: str) -> bool:
    """Whether the API has, or once had, a tier of that name."""
    return name in SPEECH_MODELS_2025 or name in SPEECH_MODELS_2026


def shown_speech_model(wire: EchoedParameters, *, compat: Compat) -> dict[str, Any]:
    """What the echo shows instead of the request.

    `speech_model` "must be null or one of best, nano, slam-1, universal: Python SDKs reject
    anything else". The service of 2026 shows the default list where none was sent.
    """
    shown: dict[str, Any] = {}
    if wire.speech_model is not None and wire.speech_model not in SPEECH_MODELS_2025:
        shown["speech_model"] = None
    if compat == "2026" and wire.speech_models is None:
        shown["speech_models"] = list(DEFAULT_SPEECH_MODELS_2026)
    return shown
