import gc
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.formatting.written_forms.writer import write_forms
from earshot.transcript.words import Word


def say(text: str) -> list[Word]:
    return [Word(token, i * 300, i * 300 + 250, 0.9) for i, token in enumerate(text.split())]


def rewrite(text: str) -> str:
    return " ".join(word.text for word in write_forms(say(text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Twenty-one percent, I think.", "21%, I think."),
        ("twenty one percent i think", "21% i think"),
        ("It costs $5 and twenty-five cents.", "It costs $5 and 25 cents."),
        (
            "On July twenty-second, two thousand eight, we met at half past seven.",
            "On July 22, 2008, we met at half past seven.",
        ),
        ("My email is jane dot doe at example dot com.", "My email is jane.doe@example.com."),
        ('He said "twenty-one" and left.', 'He said "21" and left.'),
        ("We left at eight p.m. Then we slept.", "We left at 8 p.m. Then we slept."),
        ("The S and P five hundred fell two percent.", "The S&P 500 fell 2%."),
        ("a twenty-five-year-old man", "a 25-year-old man"),
        ("five to ten people", "five to 10 people"),
        ("sixty five miles per hour", "65 mph"),
        ("weighs one hundred and three quarters", "weighs 100.75"),
        ("weighs nine hundred and two thirds", "weighs 900 and two thirds"),
        ("the two thousand eight crisis", "the 2008 crisis"),
        ("some two thousand eight cases", "some 2,008 cases"),
        (
            "Call two one two, five five five, zero one two three.",
            "Call 212-555-0123.",
        ),
    ],
)
def test_spoken_numbers_are_written_in_bare_and_in_punctuated_text(
    text: str, expected: str
) -> None:
    assert rewrite(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "It was one of those days.",
        "In 2005, the 21 dogs ate 3.5% of $5 million at 10:30 a.m.",
        "I have one dog and two cats.",
        "the second day of the week",
        "two hundred three hundred people",
        "room eight fifty two",
        "In 2005 twenty-one left.",
        "One, two, three, four, five, six, seven, eight, nine, ten.",
        "One, two, three, four.",
        "three or four hundred people",
        "two and a half hours",
        "Version two point oh point one",
        "A one in a million chance.",
        "you may first want to march second",
        "",
    ],
)
def test_digits_and_what_has_no_single_meaning_stay_as_they_are(text: str) -> None:
    assert rewrite(text) == text


def test_a_lone_value_is_written_as_in_a_form_and_with_a_full_stop_as_in_prose() -> None:
    assert rewrite("eighteen square feet") == "18 sq ft"
    assert rewrite("Eighteen square feet.") == "18 square feet."


def test_a_written_word_spans_its_sources_and_has_their_mean_confidence() -> None:
    words = [
        Word("forty", 0, 100, 0.8),
        Word("five", 150, 300, 0.6),
        Word("billion", 300, 500, 0.9),
        Word("dollars", 600, 900, 0.5),
    ]
    digits, scale = write_forms(words)
    assert (digits.text, digits.start_ms, digits.end_ms) == ("$45", 0, 300)
    assert (scale.text, scale.start_ms, scale.end_ms) == ("billion", 300, 900)
    assert digits.confidence == pytest.approx(0.7)
    assert scale.confidence == pytest.approx(0.7)


def test_what_is_kept_is_not_written() -> None:
    words = say("about twenty one dogs")
    assert write_forms(words, kept={2}) == words


def test_two_speakers_do_not_share_a_number() -> None:
    words = [Word("twenty", 0, 100, 1.0, "A"), Word("one", 100, 200, 1.0, "B")]
    assert [word.text for word in write_forms(words)] == ["20", "one"]


VOCABULARY = """
one two nine ten twenty twenty-one hundred thousand million point and a minus percent dollars cents
july may first twenty-second oh double at dot com p m half past quarter to o'clock feet per hour
five, six. (ten) "forty" $5 2005 dog the in between or w slash jane mister Smith year
"""
TOKENS = st.sampled_from(VOCABULARY.split())


@given(st.lists(TOKENS, max_size=30))
def test_every_word_is_in_the_result_once_and_times_do_not_overlap(tokens: list[str]) -> None:
    words = say(" ".join(tokens))
    written = write_forms(words)
    starts = {word.start_ms for word in words}
    ends = {word.end_ms for word in words}
    assert all(word.start_ms in starts and word.end_ms in ends for word in written)
    assert all(word.text for word in written)
    assert all(left.end_ms < right.start_ms for left, right in pairwise(written))
    # Between one word and the next there is no spoken one that neither of them spans.
    assert all(right.start_ms - left.end_ms == 50 for left, right in pairwise(written))
    if words:
        assert (written[0].start_ms, written[-1].end_ms) == (0, words[-1].end_ms)
    unchanged = [word for word in written if word in words]
    assert [word for word in words if word in unchanged] == unchanged


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.parametrize(
    "phrase", ["five five one", "a b at c dot", "and then we left", "one point"]
)
def test_the_time_that_writing_takes_grows_with_the_words_and_no_faster(phrase: str) -> None:
    # Ten hours of speech are 100,000 words; by the square of them they would take hours.
    few, many = (say(" ".join([phrase] * (n // len(phrase.split())))) for n in (500, 4_000))
    assert timed(many) < 3 * 8 * timed(few)


def timed(words: list[Word]) -> float:
    """The processor time that they take to write, in seconds: the least of three measurements."""
    gc.collect()
    gc.disable()  # A collection walks over all that the tests before this one have left.
    try:
        return min(measured(words) for _ in range(3))
    finally:
        gc.enable()


def measured(words: list[Word]) -> float:
    started_s = time.process_time()
    write_forms(words)
    return time.process_time() - started_s
