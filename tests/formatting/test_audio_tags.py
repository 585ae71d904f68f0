import pytest

from earshot.formatting.audio_tags import remove_audio_tags
from earshot.transcript.words import Word


def rewrite(text: str) -> str:
    words = [Word(token, i * 300, i * 300 + 250, 0.9) for i, token in enumerate(text.split())]
    return " ".join(word.text for word in remove_audio_tags(words))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[music] Hello", "Hello"),
        ("[Speaker: A] Hello there", "Hello there"),
        ("[background noise] Hello [MUSIC PLAYING]", "Hello"),
        ("That was (laughter) fun.", "That was fun."),
        ("Thank you (audience applauding).", "Thank you."),
        ("Fine, [coughs]. Yes", "Fine. Yes"),
        ("Done. [laughs]. Yes", "Done. Yes"),
        ("\u266a la la la \u266a So", "So"),
        ("*sighs* <music> So", "So"),
        ("[music]", ""),
    ],
)
def test_tags_go_and_their_full_stops_stay(text: str, expected: str) -> None:
    assert rewrite(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "We (my wife and I) left.",
        "a [bracket that never closes in time because it goes on and on",
        "array[0] is [first]-class",
        "3 * 4 * 5",
        "x < y > z",
    ],
)
def test_what_is_spoken_in_brackets_stays(text: str) -> None:
    assert rewrite(text) == text


def test_no_words_stay_no_words() -> None:
    assert remove_audio_tags([]) == []
