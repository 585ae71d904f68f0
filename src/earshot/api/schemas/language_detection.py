"""Detection of the language, from the wire's parameters and to its fields."""

from typing import Any, Final

from earshot.api.schemas.languages import LANGUAGE_CODES
from earshot.api.schemas.parameters import EchoedParameters, LanguageDetectionOptions
from earshot.errors import LanguageNotInstalled, RequestInvalid
from earshot.transcript.options import LanguageDetection
from earshot.transcript.result import TranscriptResult

_OPTIONS: Final = "language_detection_options"
_ANY_LANGUAGE: Final = "all"
_LIKELIEST: Final = "auto"
_DEFAULTS: Final = LanguageDetectionOptions()


def detection_of(wire: EchoedParameters) -> LanguageDetection | None:
    """How the language is to be detected; None where it is given."""
    if not wire.language_detection:
        return None
    options = wire.language_detection_options or _DEFAULTS
    code_switching_threshold = options.code_switching_confidence_threshold
    if code_switching_threshold is None:
        code_switching_threshold = LanguageDetection().code_switching_threshold
    return LanguageDetection(
        confidence_threshold=wire.language_confidence_threshold or 0.0,
        expected_languages=_expected(options),
        fallback_language=_fallback(options),
        falls_back=options.on_low_language_confidence == "fallback",
        code_switching=bool(options.code_switching),
        code_switching_threshold=code_switching_threshold,
        swiss_german=bool(options.swiss_german),
    )


def require_detection_rules(wire: EchoedParameters) -> None:
    """RequestInvalid where the options name what is no language, or contradict one another."""
    options = wire.language_detection_options or _DEFAULTS
    expected, fallback = _expected(options), _fallback(options)
    if not LANGUAGE_CODES.issuperset(expected):
        raise RequestInvalid(
            f"{_OPTIONS}.expected_languages must be language codes of the API, such as en_us or es"
        )
    if fallback is not None and fallback not in (expected or LANGUAGE_CODES):
        raise RequestInvalid(
            f"{_OPTIONS}.fallback_language must be auto or one of expected_languages"
        )


def require_languages_to_detect(wire: EchoedParameters, languages: frozenset[str]) -> None:
    """LanguageNotInstalled where whatever is detected could not be transcribed.

    `languages` are the codes that the installed models transcribe.
    """
    if not wire.language_detection:
        return
    options = wire.language_detection_options or _DEFAULTS
    expected, fallback = _expected(options), _fallback(options)
    if expected and languages.isdisjoint(expected):
        raise LanguageNotInstalled(f"{_OPTIONS}.expected_languages", expected[0])
    if fallback is not None and fallback not in languages:
        raise LanguageNotInstalled(f"{_OPTIONS}.fallback_language", fallback)


def detection_warnings(wire: EchoedParameters) -> list[str]:
    """A sentence for each option of the detection that changes nothing."""
    options = wire.language_detection_options or _DEFAULTS
    if not wire.language_detection:
        return []
    warnings = []
    if options.language_detection_model:
        warnings.append(f"{_OPTIONS}.language_detection_model has no effect")
    if options.code_switching_confidence_threshold is not None and not options.code_switching:
        warnings.append(
            f"{_OPTIONS}.code_switching_confidence_threshold has no effect without code_switching"
        )
    return warnings


def detected_fields(result: TranscriptResult) -> dict[str, Any]:
    """What the Transcript object says of a detected language; nothing where it was given."""
    finding = result.language_finding
    if finding is None:
        return {}
    fields: dict[str, Any] = {
        "language_code": result.language_code,
        "language_confidence": finding.confidence,
    }
    if finding.switched is not None:
        # The published page names the code "language", the client library "language_code".
        fields["language_detection_results"] = {
            "code_switching_languages": [
                {"language": code, "language_code": code, "confidence": confidence}
                for code, confidence in finding.switched
            ]
        }
    return fields


def _expected(options: LanguageDetectionOptions) -> tuple[str, ...]:
    """The codes of the languages to look for; none stand for all."""
    codes = tuple(options.expected_languages or ())
    return () if _ANY_LANGUAGE in codes else codes


def _fallback(options: LanguageDetectionOptions) -> str | None:
    code = options.fallback_language
    return None if code == _LIKELIEST else code
