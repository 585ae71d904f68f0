import logging
from dataclasses import dataclass

import pytest
from typing_extensions import override

from earshot.errors import ModelCorrupt, TransitionImpossible
from earshot.llm.usage import Usage
from earshot.transcript.findings import FeatureName, Findings, TokensUsed
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


@dataclass(frozen=True)
class Damaged(Failing):
    """Has no model that it could use."""

    @override
    def find(self, transcript: FinishedTranscript, options: UnderstandingOptions) -> Findings:
        raise ModelCorrupt("pull it again")


def test_a_failure_of_ours_is_logged_with_its_text(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        find_out(SAID, EVERYTHING, [Damaged()])
    (record,) = caplog.records
    assert vars(record)["explanation"] == "pull it again"


@dataclass(frozen=True)
class Counting(Repeating):
    """Has a language model asked, and fails if it is to."""

    fails: bool = False

    @override
    def find(self, transcript: FinishedTranscript, options: UnderstandingOptions) -> Findings:
        transcript.meter.add("tiny", Usage(7, 2))
        if self.fails:
            raise ValueError(self.name)
        return super().find(transcript, options)


def test_what_a_feature_took_is_told_whether_it_failed_or_not() -> None:
    for feature in (Counting(), Counting(fails=True)):
        findings = find_out(SAID, EVERYTHING, [feature, Repeating()])
        assert findings.tokens == (TokensUsed("tiny", 7, 2),)


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


class Remembering(dict[FeatureName, Findings]):
    """Notes in memory; every feature had begun `n_begun` times before."""

    n_begun = 0

    def count_begin(self, feature: FeatureName) -> int:
        assert feature not in self
        return self.n_begun

    def find_findings(self, feature: FeatureName) -> Findings | None:
        return self.get(feature)

    def save_findings(self, feature: FeatureName, findings: Findings) -> None:
        self[feature] = findings


def test_what_was_found_before_is_not_looked_for_again() -> None:
    earlier = Findings(summary="As it was.").by("summarization", "earlier")
    notes = Remembering({"summarization": earlier})
    assert find_out(SAID, EVERYTHING, [Repeating()], notes) == earlier


def test_what_one_finds_and_that_another_failed_is_kept_before_the_next_begins() -> None:
    notes = Remembering()

    @dataclass(frozen=True)
    class Last(Repeating):
        name: FeatureName = "auto_highlights"

        @override
        def find(self, transcript: FinishedTranscript, options: UnderstandingOptions) -> Findings:
            assert notes.keys() == {"summarization", "auto_chapters"}
            return super().find(transcript, options)

    find_out(SAID, EVERYTHING, [Repeating(), Failing(), Last()], notes)
    assert notes["auto_chapters"].lacks("auto_chapters")
    assert find_out(SAID, EVERYTHING, [Failing()], notes).lacks("auto_chapters")


def test_no_further_feature_begins_once_the_transcript_is_not_wanted() -> None:
    def cancelled() -> None:
        raise TransitionImpossible(expected="processing", met="error")

    notes = Remembering()
    unwanted = FinishedTranscript(SAID.words, "en_us", require_wanted=cancelled)
    with pytest.raises(TransitionImpossible):
        find_out(unwanted, EVERYTHING, [Repeating()], notes)
    assert notes == {}


def test_one_that_is_told_in_the_middle_is_no_failure_of_its_own() -> None:
    @dataclass(frozen=True)
    class Told(Repeating):
        @override
        def find(self, *_: object) -> Findings:
            raise TransitionImpossible(expected="processing", met="error")

    with pytest.raises(TransitionImpossible):
        find_out(SAID, EVERYTHING, [Told()])


def test_a_feature_that_ends_its_process_every_time_is_done_without() -> None:
    notes = Remembering()
    notes.n_begun = 1
    assert find_out(SAID, EVERYTHING, [Repeating()], notes, max_begins=2).summary
    notes = Remembering()
    notes.n_begun = 2
    assert find_out(SAID, EVERYTHING, [Repeating()], notes, max_begins=2).lacks("summarization")
    assert notes["summarization"].lacks("summarization")
