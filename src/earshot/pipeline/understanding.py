"""A finished transcript with what is to be found out about it."""

from collections.abc import Sequence
from dataclasses import replace

from earshot.transcript.options import TranscriptOptions
from earshot.transcript.result import TranscriptResult
from earshot.understanding.feature import Feature, FinishedTranscript
from earshot.understanding.understanding import find_out


def understand(
    result: TranscriptResult,
    options: TranscriptOptions,
    features: Sequence[Feature],
    *,
    project: str = "default",
) -> TranscriptResult:
    """The result with findings, made from its own words alone: redacted where they are."""
    if options.understanding.asks_nothing:
        return result
    transcript = FinishedTranscript(result.words, result.language_code, project)
    return replace(result, findings=find_out(transcript, options.understanding, features))
