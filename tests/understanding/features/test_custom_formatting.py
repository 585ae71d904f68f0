from earshot.transcript.findings import FormattedText
from earshot.transcript.options import UnderstandingOptions, ValueFormats
from earshot.transcript.words import Utterance, Word
from earshot.understanding.feature import FinishedTranscript
from earshot.understanding.features.custom_formatting import (
    MAX_WORDS,
    NOT_ENGLISH,
    CustomFormattingFeature,
)
from tests.understanding.saying import say

ALL = ValueFormats("mm/dd/yyyy", "(xxx)xxx-xxxx", "firstname.lastname@domain.com")


def formatted(words: tuple[Word, ...], wanted: ValueFormats = ALL) -> FormattedText:
    transcript = FinishedTranscript(words, "en_us", utterances=(Utterance(words, "A"),))
    found = CustomFormattingFeature().find(transcript, UnderstandingOptions(value_formats=wanted))
    assert found.formatted is not None
    return found.formatted


def test_values_are_written_in_form_and_what_was_said_maps_to_it() -> None:
    found = formatted(say("Call (555-679-3466), please. I came on March 7th, 2020."))
    assert found.text == "Call ((555)679-3466), please. I came on 03/07/2020."
    assert found.changes == {
        "555-679-3466": "(555)679-3466",
        "March 7th, 2020": "03/07/2020",
    }
    assert found.utterances is None


def test_what_was_spelled_out_is_written_in_figures() -> None:
    said = "my number is two one two five five five oh one four three okay"
    assert formatted(say(said)).text == "my number is (212)555-0143 okay"
    address = "my email is john doe at example dot com, write soon"
    assert formatted(say(address)).text == "my email is john.doe@example.com, write soon"


def test_what_is_not_asked_for_or_not_sure_stays() -> None:
    said = "Call +44 20 7946 0958 on May 5th about jane@example.com."
    assert formatted(say(said)).text == said
    only_dates = formatted(say("555-679-3466 on 2020-12-24"), ValueFormats(date="dd.mm.yyyy"))
    assert only_dates.text == "555-679-3466 on 24.12.2020"


def test_a_long_talk_is_written_whole_and_cut_behind_sentences() -> None:
    said = "Call me back at 555-679-3466 or on March 7th, 2020. " * (MAX_WORDS // 5)
    found = formatted(say(said))
    assert found.text == said.strip().replace("555-679-3466", "(555)679-3466").replace(
        "March 7th, 2020", "03/07/2020"
    )
    endless = "word " * (2 * MAX_WORDS + 1)
    assert formatted(say(endless)).text == endless.strip()


def test_what_is_hidden_is_not_written() -> None:
    said = "Call ############ or [PHONE_NUMBER] now."
    assert formatted(say(said)) == FormattedText({}, said)


def test_utterances_are_written_where_that_is_asked_for() -> None:
    wanted = ValueFormats(phone_number="xxx.xxx.xxxx", by_utterance=True)
    assert formatted(say("Call 555-679-3466."), wanted).utterances == ("Call 555.679.3466.",)


def test_a_language_whose_dates_are_not_known_is_told() -> None:
    options = UnderstandingOptions(value_formats=ALL)
    found = CustomFormattingFeature().find(FinishedTranscript(say("Hallo"), "de"), options)
    assert found.warnings == (NOT_ENGLISH,)
