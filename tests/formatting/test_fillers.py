from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.formatting.fillers import remove_fillers
from earshot.transcript.words import Word


def say(text: str) -> list[Word]:
    return [Word(token, i * 300, i * 300 + 250, 0.9) for i, token in enumerate(text.split())]


def clean(text: str) -> str:
    return " ".join(word.text for word in remove_fillers(say(text)))


@pytest.mark.parametrize(
    "filler", ["um", "uh", "hmm", "mhm", "uh-huh", "ah", "huh", "hm", "m", "Ummm", "uhm", "mm-hmm"]
)
def test_every_filler_of_the_contract_goes(filler: str) -> None:
    assert clean(f"we {filler} go") == "we go"


@pytest.mark.parametrize(
    "text", ["an umbrella", "5 m tall", "S M L", "B m W", "M & M", "human", "Utah", "oh well"]
)
def test_words_that_only_look_like_fillers_stay(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("heard", "cleaned"),
    [
        ("Um, I think so.", "I think so."),
        ("Um, we think so.", "We think so."),
        ("Yes. Uh, we do.", "Yes. We do."),
        ("I was, um, going", "I was going"),
        ("Well, um, no", "Well, no"),
        ("In 2010, uh, we moved", "In 2010, we moved"),
        ("I um, think", "I think"),
        ("and then, um.", "and then."),
        ("Right, huh?", "Right?"),
        ("So it was, uh... Then", "So it was... Then"),
        ('"Um, okay," he said', '"Okay," he said'),
        ('he said "okay, um." Then', 'he said "okay." Then'),
        ("Yes. Mhm. Right.", "Yes. Right."),
        ("Hmm. iPhone sales", "iPhone sales"),
        ("Um, iPhone sales", "iPhone sales"),
        ("Um, uh, so we go", "So we go"),
        ("I, Um, think", "I think"),
        ("um so", "so"),
        ("Um.", ""),
        ("", ""),
    ],
)
def test_the_sentence_around_a_filler_is_mended(heard: str, cleaned: str) -> None:
    assert clean(heard) == cleaned


def test_words_that_stay_keep_their_times() -> None:
    words = say("So, um, yes")
    assert [(word.start_ms, word.end_ms) for word in remove_fillers(words)] == [
        (0, 250),
        (600, 850),
    ]


TOKENS = st.sampled_from(["um,", "Uh", "hmm.", "uh-huh?", "we", "Go.", "so,", '"Well', "m", "5"])


@given(st.lists(TOKENS, max_size=30))
def test_removing_fillers_twice_is_removing_them_once(tokens: list[str]) -> None:
    once = remove_fillers(say(" ".join(tokens)))
    assert remove_fillers(once) == once
    assert all(left.end_ms <= right.start_ms for left, right in pairwise(once))
