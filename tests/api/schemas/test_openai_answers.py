import math
from dataclasses import replace

import pytest

from earshot.api.schemas.openai_answers import (
    AudioBody,
    VerboseBody,
    diarized_segments,
    logprobs,
    render_answer,
    warnings_of,
)
from earshot.api.schemas.openai_audio import OpenAiRequest
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.words import Word
from tests.api.conftest import result_of

RESULT = result_of("Good day. Well said.")
ASKED = OpenAiRequest(
    TranscriptOptions(), "verbose_json", frozenset({"word", "segment"}), False, False, ()
)


def verbose(**changes: object) -> VerboseBody:
    body = render_answer(replace(RESULT, **changes), ASKED)  # type: ignore[arg-type]  # its fields
    assert isinstance(body, VerboseBody)
    return body


def test_times_are_seconds_and_segments_are_sentences() -> None:
    body = verbose()
    assert body.duration == 2.78
    assert body.usage.seconds == 3
    assert body.words is not None
    assert [(word.word, word.start, word.end) for word in body.words][1] == ("day.", 0.5, 0.9)
    assert body.segments is not None
    assert [(one.id, one.text, one.start, one.end) for one in body.segments] == [
        (0, " Good day.", 0.0, 0.9),
        (1, " Well said.", 1.0, 1.9),
    ]
    assert body.segments[0].avg_logprob == pytest.approx(math.log(0.9), abs=1e-6)
    assert 0 < body.segments[0].compression_ratio < 1


def test_only_what_was_asked_for_is_told() -> None:
    asked = replace(ASKED, granularities=frozenset({"word"}))
    body = render_answer(RESULT, asked)
    assert isinstance(body, VerboseBody)
    assert "segments" not in body.model_dump()


@pytest.mark.parametrize(
    ("code", "name"), [("en_us", "english"), ("de", "german"), ("zh", "chinese"), ("xx", "xx")]
)
def test_a_language_has_its_english_name(code: str, name: str) -> None:
    assert verbose(language_code=code).language == name


def test_a_recording_without_words_has_no_segments() -> None:
    body = verbose(words=())
    assert (body.text, body.words, body.segments) == ("", [], [])


def test_a_word_is_as_likely_as_it_is_confident() -> None:
    [sure, impossible] = logprobs([Word("so", 0, 9, 1.0), Word("\u00e9t\u00e9", 9, 10, 0.0)])
    assert (sure.token, sure.bytes, sure.logprob) == (" so", [32, 115, 111], 0.0)
    assert impossible.bytes == list(" \u00e9t\u00e9".encode())
    assert -20 < impossible.logprob < -10


def test_logprobs_are_in_json_where_they_are_asked_for() -> None:
    asked = replace(ASKED, response_format="json", has_logprobs=True)
    body = render_answer(RESULT, asked)
    assert isinstance(body, AudioBody)
    assert body.logprobs is not None
    assert "".join(one.token for one in body.logprobs) == " Good day. Well said."


def test_warnings_are_of_the_request_and_of_the_recording() -> None:
    result = replace(RESULT, warnings=("cut short",))
    assert warnings_of(result, replace(ASKED, warnings=("too warm",))) == ["too warm", "cut short"]
    assert warnings_of(RESULT, ASKED) is None


def test_without_speakers_there_are_no_segments_of_theirs() -> None:
    assert diarized_segments(RESULT) == []
