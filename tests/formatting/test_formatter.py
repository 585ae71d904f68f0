from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.formatting.formatter import format_words
from earshot.transcript.options import SpellingRule, TranscriptOptions
from earshot.transcript.words import Word

HAMBURGERS = "I ate 10 hamburgers at Burger King."


def say(text: str, *, channel: int | None = None, start_ms: int = 0) -> list[Word]:
    return [
        Word(token, start_ms + i * 300, start_ms + i * 300 + 250, 0.9, None, channel)
        for i, token in enumerate(text.split())
    ]


def rewrite(text: str, options: TranscriptOptions) -> str:
    return " ".join(word.text for word in format_words(say(text), options))


@pytest.mark.parametrize(
    ("punctuate", "format_text", "expected"),
    [
        (True, True, HAMBURGERS),
        (False, True, "I ate 10 hamburgers at Burger King"),
        (True, False, "i ate ten hamburgers at burger king."),
        (False, False, "i ate ten hamburgers at burger king"),
    ],
)
def test_the_contracts_example_in_all_four_combinations(
    punctuate: bool, format_text: bool, expected: str
) -> None:
    options = TranscriptOptions(punctuate=punctuate, format_text=format_text)
    assert rewrite(HAMBURGERS, options) == expected


def test_by_default_only_fillers_go() -> None:
    assert rewrite("Um, the shit costs $5, uh-huh.", TranscriptOptions()) == "The shit costs $5."


def test_fillers_stay_when_disfluencies_are_asked_for() -> None:
    text = "Um, I was, uh, there."
    assert rewrite(text, TranscriptOptions(disfluencies=True)) == text


def test_profanity_is_masked_only_on_request_and_survives_stripped_punctuation() -> None:
    options = TranscriptOptions(filter_profanity=True, punctuate=False, format_text=False)
    assert rewrite("Fucking shit!", options) == "f****** s***"


def test_a_custom_spelling_keeps_its_case_and_marks_without_formatting() -> None:
    options = TranscriptOptions(
        punctuate=False,
        format_text=False,
        custom_spelling=(SpellingRule(("node js",), "Node.js"),),
    )
    assert rewrite("We like Node JS.", options) == "we like Node.js"


def test_what_the_customer_respells_is_not_masked() -> None:
    options = TranscriptOptions(
        filter_profanity=True, custom_spelling=(SpellingRule(("shit",), "Schmidt"),)
    )
    assert rewrite("Ask Shit.", options) == "Ask Schmidt."


@pytest.mark.parametrize("heard", ["I ate ten hamburgers at Burger King.", HAMBURGERS])
def test_numbers_are_written_whether_the_recognizer_does_or_not(heard: str) -> None:
    assert rewrite(heard, TranscriptOptions()) == HAMBURGERS


@pytest.mark.parametrize(
    ("punctuate", "format_text", "expected"),
    [
        (True, True, "On July 22, 2008, I paid $5.25, twice."),
        (False, True, "On July 22 2008 I paid $5.25 twice"),
        (
            True,
            False,
            "on july twenty-second, two thousand eight, i paid five dollars and twenty-five "
            "cents, twice.",
        ),
        (
            False,
            False,
            "on july twenty-second two thousand eight i paid five dollars and twenty-five cents "
            "twice",
        ),
    ],
)
def test_spoken_numbers_in_all_four_combinations(
    punctuate: bool, format_text: bool, expected: str
) -> None:
    heard = (
        "On July twenty-second, two thousand eight, I paid five dollars and twenty-five cents, "
        "twice."
    )
    options = TranscriptOptions(punctuate=punctuate, format_text=format_text)
    assert rewrite(heard, options) == expected


def test_tags_go_on_request_in_every_language() -> None:
    text = "[music] Hallo (Applaus) du."
    options = TranscriptOptions(language_code="de", remove_audio_tags=True)
    assert rewrite(text, options) == "Hallo du."
    assert rewrite(text, TranscriptOptions(language_code="de")) == text


def test_a_number_that_the_customer_respells_is_left_for_them() -> None:
    options = TranscriptOptions(custom_spelling=(SpellingRule(("twenty one pilots",), "TOP"),))
    assert rewrite("I like twenty one pilots and twenty one dogs.", options) == (
        "I like TOP and 21 dogs."
    )


def test_other_languages_keep_their_numerals_and_what_sounds_like_a_filler() -> None:
    options = TranscriptOptions(language_code="de", format_text=False)
    assert rewrite("Um 10 Uhr.", options) == "um 10 uhr."


@pytest.mark.parametrize("language_code", ["en", "en_us", "en_uk", "en-AU"])
def test_every_english_is_english(language_code: str) -> None:
    options = TranscriptOptions(language_code=language_code, format_text=False)
    assert rewrite("Um, 10.", options) == "ten."


def test_channels_are_formatted_apart_and_merged_by_start() -> None:
    left = say("de Um, Carlo went", channel=1)
    right = say("Uh we", channel=2, start_ms=100)
    merged = sorted(left + right, key=lambda word: word.start_ms)
    options = TranscriptOptions(custom_spelling=(SpellingRule(("de carlo",), "DeCarlo"),))
    formatted = format_words(merged, options)
    assert [(word.text, word.channel) for word in formatted] == [
        ("DeCarlo", 1),
        ("We", 2),
        ("went", 1),
    ]


def test_no_words_stay_no_words() -> None:
    assert format_words([], TranscriptOptions(punctuate=False)) == ()


TOKENS = st.sampled_from(
    [
        "Um,",
        "uh.",
        "[noise]",
        "I",
        "twenty",
        "one,",
        "percent",
        "Mister",
        "$1.5",
        "million",
        "35%.",
        "Wait\u2014what?",
        "data",
        "dog",
        "shit!",
        "1/2",
    ]
)
OPTIONS = st.builds(
    TranscriptOptions,
    punctuate=st.booleans(),
    format_text=st.booleans(),
    disfluencies=st.booleans(),
    remove_audio_tags=st.booleans(),
    filter_profanity=st.booleans(),
    custom_spelling=st.just((SpellingRule(("data dog",), "Datadog"),)),
)


@given(st.lists(TOKENS, max_size=25), OPTIONS)
def test_words_never_overlap_and_stay_inside_the_audio(
    tokens: list[str], options: TranscriptOptions
) -> None:
    words = say(" ".join(tokens))
    formatted = format_words(words, options)
    assert all(left.end_ms <= right.start_ms for left, right in pairwise(formatted))
    assert all(word.start_ms <= word.end_ms <= len(words) * 300 for word in formatted)
    assert all(word.text and not word.text.isspace() for word in formatted)
    assert all(0 <= word.confidence <= 1 for word in formatted)
