"""What a request wants to be hidden."""

from collections.abc import Collection

from earshot.api.schemas.parameters import EchoedParameters
from earshot.errors import RequestInvalid
from earshot.transcript.options import OwnTerms, RedactionOptions
from earshot.transcript.redaction_policies import POLICIES, policies_not_met


def redaction_of(wire: EchoedParameters) -> RedactionOptions | None:
    """None where nothing is to be hidden: "no policies, nothing redacted"."""
    own_terms = tuple(
        OwnTerms(label, tuple(terms))
        for label, terms in (wire.redact_static_entities or {}).items()
    )
    if not wire.redact_pii or not (wire.redact_pii_policies or own_terms):
        return None
    return RedactionOptions(
        tuple(wire.redact_pii_policies or ()), wire.redact_pii_sub or "hash", own_terms
    )


def require_policies(wire: EchoedParameters) -> None:
    """RequestInvalid where a policy is unknown, or would hide nothing, or too little.

    A secret that stays readable is worse than a request that is refused.
    """
    policies: Collection[str] = wire.redact_pii_policies or ()
    if unknown := [policy for policy in policies if policy not in POLICIES]:
        raise RequestInvalid(f"redact_pii_policies has an unknown policy: {', '.join(unknown)}")
    if wire.redact_pii and (unmet := policies_not_met(policies)):
        raise RequestInvalid(
            f"redact_pii_policies not available on this server yet: {', '.join(unmet)}"
        )


def redaction_warnings(wire: EchoedParameters) -> tuple[str, ...]:
    if wire.redact_pii and not (wire.redact_pii_policies or wire.redact_static_entities):
        return ("redact_pii has no effect without redact_pii_policies",)
    return ()
