import logging
from dataclasses import dataclass

import pytest

from earshot.transcript.findings import FeatureName, Findings
from earshot.transcript.options import UnderstandingOptions
from earshot.transcript.words import Word
from earshot.understanding.feature import FinishedTranscript
from earshot.understanding.find_out import find_out

SECRET = "bluebird"
SAID = FinishedTranscript((Word(f"{SECRET}.", 0, 500, 0.9),), "en_us")
EVERYTHING = UnderstandingOptions(key_phrases=True, chapters=True)


@dataclass(frozen=True)
class Repeating:
    """Takes all that was said for the summary."""

    name: FeatureName = "summarization"
    is_english_only: bool = True

    def is_asked_for(self, options: UnderstandingOptions) -> bool:
        return options.key_phrases

    def find(self, transcript: FinishedTranscript, options: UnderstandingOptions) -> Findings:
        del options
        return Findings(summary=transcript.sentences[0].text).by(self.name, "repeating")


@dataclass(frozen=True)
class Failing:
    """Fails with an error that repeats what was said."""

    name: FeatureName = "auto_chapters"
    is_english_only: bool = False

    def is_asked_for(self, options: UnderstandingOptions) -> bool:
        return options.chapters

    def find(self, transcript: FinishedTranscript, options: UnderstandingOptions) -> Findings:
        del options
        raise ValueError(transcript.words[0].text)


def test_one_feature_that_fails_takes_nothing_from_the_others() -> None:
    findings = find_out(SAID, EVERYTHING, [Failing(), Repeating()])
    assert findings.summary == f"{SECRET}."
    assert findings.lacks("auto_chapters")
    assert findings.warnings == ("auto_chapters failed; the rest of the transcript is complete",)


def test_a_failure_is_logged_without_what_was_said(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        find_out(SAID, EVERYTHING, [Failing()])
    (record,) = caplog.records
    assert record.message == "feature_failed"
    fields = {"feature": "auto_chapters", "reason": "ValueError"}
    assert fields.items() <= vars(record).items()
    assert SECRET not in str(vars(record))


def test_what_is_not_asked_for_is_not_looked_for() -> None:
    only_chapters = UnderstandingOptions(chapters=True)
    assert find_out(SAID, only_chapters, [Repeating()]) == Findings()


def test_a_feature_is_unavailable_in_a_language_that_it_does_not_know() -> None:
    spanish = FinishedTranscript(SAID.words, "es")
    findings = find_out(spanish, EVERYTHING, [Repeating()])
    assert findings.lacks("summarization")
    assert findings.warnings == (
        "The following models are not available in this language: summarization",
    )
