import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.formatting.profanity import mask_profanity
from earshot.transcript.words import Word


def mask(text: str) -> str:
    words = [Word(token, i * 300, i * 300 + 250, 0.9) for i, token in enumerate(text.split())]
    return " ".join(word.text for word in mask_profanity(words))


@pytest.mark.parametrize(
    ("said", "masked"),
    [
        ("shit", "s***"),
        ("fucking", "f******"),
        ('"Shit!"', '"S***!"'),
        ("Bullshit,", "B*******,"),
        ("bitch's", "b****'s"),
        ("mother-fucker", "mother-f*****"),
        ("fucking-A", "f******-A"),
        ("assholes", "a*******"),
        ("suck my dick", "suck my d***"),
        ("motherfuckers", "m************"),
    ],
)
def test_profane_words_keep_their_first_letter_and_length(said: str, masked: str) -> None:
    assert mask(said) == masked


@pytest.mark.parametrize(
    "text",
    [
        "gay marriage",
        "kill the process",
        "Dick Cheney",
        "a cock and bull story",
        "Scunthorpe",
        "classic assassin",
        "pass the cocktail",
        "a pussy cat",
        "a chink in the armor",
        "shiitake",
        "Yoshitaka",
        "the title",
        "therapist",
        "Essex and sextet",
        "hell of a damn good crap",
        "s***",
        "sniggering",
        "Moby-Dick",
        "",
    ],
)
def test_innocent_words_stay(text: str) -> None:
    assert mask(text) == text


@given(st.text(alphabet="fuckshit'-.,!\u2019", max_size=14))
def test_masking_changes_neither_length_nor_first_letter(text: str) -> None:
    (word,) = mask_profanity([Word(text, 0, 300, 0.9)])
    assert len(word.text) == len(text)
    assert word.text[:1] == text[:1]
