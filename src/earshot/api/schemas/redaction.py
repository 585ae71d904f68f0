"""What a request wants to be hidden."""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from earshot.api.schemas.parameters import EchoedParameters, RedactedAudioParameters
from earshot.api.schemas.rules import MAX_CHARACTERS_PER_TERM, MAX_TERMS, MAX_WORDS_PER_TERM
from earshot.errors import NamesNotInstalled, RequestInvalid
from earshot.transcript.options import OwnTerms, RedactedAudioOptions, RedactionOptions
from earshot.transcript.redaction_policies import POLICIES, policies_for_a_tagger, policies_not_met

# It is written into texts and captions, as one word, once for each that is hidden.
_LABEL = re.compile(r"[A-Za-z0-9_-]{1,50}")
_NOT_SPOKEN = re.compile(r"[\W_]+")

# What is written in these may be what is to be hidden, in the caller's own hand.
_WORDED: Final = frozenset(
    {
        "prompt",
        "keyterms_prompt",
        "word_boost",
        "custom_spelling",
        "topics",
        "redact_static_entities",
    }
)


def redaction_of(wire: EchoedParameters) -> RedactionOptions | None:
    """None where nothing is to be hidden: "no policies, nothing redacted"."""
    own_terms = tuple(
        OwnTerms(label, tuple(terms))
        for label, terms in (wire.redact_static_entities or {}).items()
    )
    if not wire.redact_pii or not (wire.redact_pii_policies or own_terms):
        return None
    return RedactionOptions(
        tuple(wire.redact_pii_policies or ()),
        wire.redact_pii_sub or "hash",
        own_terms,
        keeps_unredacted=bool(wire.redact_pii_return_unredacted),
        audio=_audio_of(wire),
    )


def _audio_of(wire: EchoedParameters) -> RedactedAudioOptions | None:
    if not wire.redact_pii_audio:
        return None
    tuning = wire.redact_pii_audio_options or RedactedAudioParameters()
    return RedactedAudioOptions(
        wire.redact_pii_audio_quality or "mp3",
        tuning.override_audio_redaction_method or "beep",
        if_speechless=bool(tuning.return_redacted_no_speech_audio),
    )


def require_policies(wire: EchoedParameters, *, finds_names: bool = False) -> None:
    """RequestInvalid where a policy is unknown, or would hide nothing, or too little.

    NamesNotInstalled where only a tagger would meet one and this server has none: `finds_names`.

    A secret that stays readable is worse than a request that is refused.
    """
    policies: Collection[str] = (wire.redact_pii_policies or ()) if wire.redact_pii else ()
    if unknown := [repr(policy) for policy in policies if policy not in POLICIES]:
        verb = "is" if len(unknown) == 1 else "are"
        raise RequestInvalid(
            "redact_pii_policies must be a list of policies of the API: "
            f"{', '.join(unknown)} {verb} none"
        )
    if unmet := policies_not_met(policies, finds_names=True):
        raise RequestInvalid(
            f"redact_pii_policies not available on this server yet: {', '.join(unmet)}"
        )
    if not finds_names and (needing := policies_for_a_tagger(policies)):
        raise NamesNotInstalled(needing)


def require_own_terms(wire: EchoedParameters) -> None:
    """RequestInvalid where terms of the caller's are too many, cannot be found, or shown as such.

    No sentence repeats a term.
    """
    listed = wire.redact_static_entities or {}
    terms = [term for of_label in listed.values() for term in of_label]
    if not all(_LABEL.fullmatch(label) for label in listed):
        _refuse_terms("whose labels are of 1 to 50 letters of English, digits, '_' and '-'")
    if not all(listed.values()) or not all(map(_spoken, terms)):
        _refuse_terms("of lists of terms, at least one, each with a letter or a digit")
    if len(terms) > MAX_TERMS:
        _refuse_terms(f"with at most {MAX_TERMS} terms in all")
    if any(
        len(term) > MAX_CHARACTERS_PER_TERM or len(term.split()) > MAX_WORDS_PER_TERM
        for term in terms
    ):
        _refuse_terms(
            f"of lists of terms of at most {MAX_WORDS_PER_TERM} words "
            f"and {MAX_CHARACTERS_PER_TERM} characters each"
        )
    if wire.redact_pii_sub == "entity_name" and any(
        _spoken(term) == _spoken(label) for label, of_label in listed.items() for term in of_label
    ):
        _refuse_terms("whose labels are not their terms when redact_pii_sub is entity_name")


def redaction_warnings(wire: EchoedParameters) -> tuple[str, ...]:
    if wire.redact_pii and not (wire.redact_pii_policies or wire.redact_static_entities):
        return ("redact_pii has no effect without redact_pii_policies",)
    return ()


def without_secrets(echo: Mapping[str, Any], redaction: RedactionOptions | None) -> dict[str, Any]:
    """What is kept of a request to be shown: nothing that may tell what is to be hidden."""
    hidden = {"redact_static_entities"} if redaction is None else _WORDED
    return {name: value for name, value in echo.items() if name not in hidden}


def _refuse_terms(constraint: str) -> None:
    raise RequestInvalid(f"redact_static_entities must be an object {constraint}")


def _spoken(text: str) -> str:
    """Its letters and digits alone, in one case."""
    return _NOT_SPOKEN.sub("", text).casefold()
