"""Everything that is to be found out about a transcript, each thing apart from the others."""

import logging
import traceback
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from earshot.errors import EarshotError, TransitionImpossible
from earshot.transcript.findings import FeatureName, Findings, Unavailable
from earshot.transcript.options import UnderstandingOptions
from earshot.understanding.feature import Feature, FinishedTranscript

logger = logging.getLogger(__name__)


class Notes(Protocol):
    """Keeps what each feature found until all have, so that no death makes it be found again."""

    def find_findings(self, feature: FeatureName) -> Findings | None: ...

    def save_findings(self, feature: FeatureName, findings: Findings) -> None: ...

    def count_begin(self, feature: FeatureName) -> int:
        """How many times it had begun before; from now on, once more."""


def find_out(
    transcript: FinishedTranscript,
    options: UnderstandingOptions,
    features: Sequence[Feature],
    notes: Notes | None = None,
    *,
    max_begins: int | None = None,
) -> Findings:
    """What the features find of what is asked for.

    One that fails, or does not know the language, is named in the findings as unavailable, and
    takes nothing from the others: the transcript completes, as in the compatible API. What is in
    the `notes` is not looked for again, and what is found is added to them, each before the next
    begins. One that began `max_begins` times and never came to its end, as its process ended each
    time, has failed. Raises TransitionImpossible where the transcript is not wanted any more.
    """
    findings = Findings()
    for feature in features:
        if not feature.is_asked_for(options):
            continue
        found = None if notes is None else notes.find_findings(feature.name)
        if found is None:
            transcript.require_wanted()
            if notes is None or max_begins is None or notes.count_begin(feature.name) < max_begins:
                found = _find_with(feature, transcript, options)
            else:
                logger.error("feature_ends_its_process", extra={"feature": feature.name})
                found = _failed(feature)
            found = replace(found, tokens=transcript.meter.take())
            if notes is not None:
                notes.save_findings(feature.name, found)
        findings = findings.joined_with(found)
    return findings


def _find_with(
    feature: Feature, transcript: FinishedTranscript, options: UnderstandingOptions
) -> Findings:
    if feature.is_english_only and not transcript.is_english:
        reason = f"The following models are not available in this language: {feature.name}"
        return Findings(unavailable=(Unavailable(feature.name, reason),))
    try:
        return feature.find(transcript, options)
    except TransitionImpossible:
        raise  # the transcript is not wanted any more
    except Exception as error:  # noqa: BLE001 - the border of a feature; what it was is logged
        _log_failure(feature, error)
        return _failed(feature)


def _failed(feature: Feature) -> Findings:
    reason = f"{feature.name} failed; the rest of the transcript is complete"
    return Findings(unavailable=(Unavailable(feature.name, reason),))


def _log_failure(feature: Feature, error: Exception) -> None:
    """Where it happened; the text of an error only if it is ours: others may quote the speech."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    fields = {
        "feature": feature.name,
        "reason": type(error).__name__,
        "place": f"{last.filename}:{last.lineno}",
    }
    if isinstance(error, EarshotError):
        fields["explanation"] = str(error)
    logger.error("feature_failed", extra=fields)
