"""What a caller may ask to be hidden, and the types of entities that are hidden for it."""

from collections.abc import Collection, Mapping

from earshot.transcript.entity_types import ENTITY_TYPES, NEEDING_A_TAGGER
from earshot.transcript.options import RedactionOptions

_ENGLISH = "en"

# Names that were added in 2026: finer than our types, so that more is hidden, never less.
_ADDED: Mapping[str, tuple[str, ...]] = {
    "gender": ("gender_sexuality",),
    "sexuality": ("gender_sexuality",),
    "location_address": ("location",),
    "location_address_street": ("location",),
    "location_city": ("location",),
    "location_coordinate": ("location",),
    "location_country": ("location",),
    "location_state": ("location",),
    "location_zip": ("location",),
    "organization_medical_facility": ("organization",),
    "day": ("date", "date_interval"),
    "month": ("date", "date_interval"),
    "year": ("date", "date_interval"),
    "organization_id": ("number_sequence",),
    "financial_metric": ("money_amount",),
    "corporate_action": (),
    "effect": (),
    "medical_code": (),
    "product": (),
    "project": (),
    "trend": (),
}
POLICIES: Mapping[str, tuple[str, ...]] = {
    **{entity_type: (entity_type,) for entity_type in ENTITY_TYPES},
    **_ADDED,
}
# Written without blanks between words: where a word of the caller's begins and ends, nobody knows.
_WITHOUT_BLANKS = frozenset({"bo", "ja", "km", "lo", "my", "th", "yue", "zh"})
# Only part of what these name is found: amounts, but no growth; numbers, but no names.
_IN_PART = frozenset({"financial_metric", "organization_id"})


def types_hidden_by(policies: Collection[str]) -> frozenset[str]:
    """The types of entities that policies hide; a name that is none is an error of ours."""
    return frozenset(name for policy in policies for name in POLICIES[policy])


def policies_not_met(policies: Collection[str], *, finds_names: bool = False) -> tuple[str, ...]:
    """Those of the policies that nothing, or only part, is hidden for; the caller must be told.

    `finds_names` says whether a trained tagger reads with its encoder.
    """
    needing = frozenset[str]() if finds_names else NEEDING_A_TAGGER
    return tuple(
        policy
        for policy in policies
        if policy in _IN_PART or not POLICIES[policy] or needing & set(POLICIES[policy])
    )


def policies_for_a_tagger(policies: Collection[str]) -> tuple[str, ...]:
    """Those of the policies that are met where a trained tagger reads with its encoder."""
    return tuple(policy for policy in policies if NEEDING_A_TAGGER & set(POLICIES[policy]))


def can_be_hidden(redaction: RedactionOptions, language_code: str) -> bool:
    """Whether what is to be hidden is found in that language.

    What policies name is announced and spoken in English ways, also where it is numbers: "cuatro
    uno uno uno". The caller's own words are found wherever there are blanks between words.
    """
    language = language_code.partition("_")[0]
    return language == _ENGLISH or not (redaction.policies or language in _WITHOUT_BLANKS)
