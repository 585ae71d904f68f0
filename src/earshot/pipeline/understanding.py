"""A finished transcript, redacted if so asked, with what is to be found out about it."""

from collections.abc import Sequence
from dataclasses import replace

from earshot.transcript.options import RedactionOptions, TranscriptOptions
from earshot.transcript.result import TranscriptResult
from earshot.understanding.feature import Feature, FinishedTranscript
from earshot.understanding.find_out import find_out
from earshot.understanding.redaction.redact import redact_utterances, redact_words

NOT_ENGLISH = (
    "redact_pii knows how English announces and speaks what is hidden; of this language only "
    "what is written in figures is hidden"
)


def understand(
    result: TranscriptResult,
    options: TranscriptOptions,
    features: Sequence[Feature],
    *,
    project: str = "default",
) -> TranscriptResult:
    """The result with findings, made from its own words alone: redacted where they are.

    Of features one may fail; a redaction that fails fails the transcript.
    """
    shown = redact(result, options.redaction)
    if options.understanding.asks_nothing:
        return shown
    transcript = FinishedTranscript(shown.words, shown.language_code, project, result.words)
    return replace(shown, findings=find_out(transcript, options.understanding, features))


def redact(result: TranscriptResult, redaction: RedactionOptions | None) -> TranscriptResult:
    """The result of whose words and utterances everything may be shown."""
    if redaction is None:
        return result
    words = redact_words(result.words, redaction)
    utterances = result.utterances
    if utterances is not None:
        utterances = redact_utterances(utterances, result.words, words)
    warnings = result.warnings
    if not result.language_code.startswith("en"):
        warnings = (*warnings, NOT_ENGLISH)
    return replace(result, words=words, utterances=utterances, warnings=warnings)
