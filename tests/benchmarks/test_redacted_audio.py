from benchmarks.redacted_audio import (
    Meeting,
    Trial,
    audible_ms,
    choose_secrets,
    coverage_row,
    hide,
    secrets_in,
    try_secrets,
)
from earshot.audio.speech import Span
from earshot.pipeline.redacted_audio import Margins
from earshot.transcript.words import Word


def spoken(text: str, start_ms: int = 0) -> list[Word]:
    """The words of the text, half a second each."""
    return [
        Word(word, start_ms + 500 * index, start_ms + 500 * (index + 1), 0.9)
        for index, word in enumerate(text.split())
    ]


def meeting(said: str, heard: str, off_ms: int, *pairs: tuple[int, int]) -> Meeting:
    return Meeting(spoken(said), spoken(heard, off_ms), pairs)


def test_what_lies_outside_of_what_is_hidden_is_heard() -> None:
    word = Word("secret", 1_000, 1_500, 0.9)
    assert audible_ms(word, []) == 500
    assert audible_ms(word, [Span(0, 16 * 1_100), Span(16 * 1_400, 16 * 9_000)]) == 300
    assert audible_ms(word, [Span(0, 16 * 9_000)]) == 0


def test_secrets_are_words_in_a_row_on_both_sides_and_no_back_channels() -> None:
    pairs = ((0, 0), (1, 1), (2, 3), (3, 4), (4, 5), (5, 6))
    one = meeting("a b c d yeah f", "a b x c d yeah f", 0, *pairs)
    assert list(secrets_in(one, 2)) == [[(0, 0), (1, 1)], [(2, 3), (3, 4)]]
    assert len(list(secrets_in(one, 1))) == 5


def test_a_word_that_was_heard_too_late_is_heard_in_part_without_margins() -> None:
    late = meeting("some secret here", "some secret here", 200, (0, 0), (1, 1), (2, 2))
    (_, trial, _) = try_secrets(late, 1, Margins(0, 0))
    assert trial == Trial(500, 200, 200)
    (_, trial, _) = try_secrets(late, 1, Margins(250, 750))
    assert trial == Trial(500, 0, 0)


def test_a_row_has_shares_of_secrets_and_of_time() -> None:
    trials = [Trial(500, 0, 0), Trial(1_500, 200, 200)]
    assert coverage_row("so", 4, trials) == ("so", "4", "2", "50", "10.0", "50.0")


def test_long_words_are_secrets_now_and_then() -> None:
    words = spoken("it isolates seven persons among others without explaining whatever")
    secret = choose_secrets(words)
    assert [words[index].text for index in secret] == ["isolates", "without"]
    assert [word.text for word in hide(words, secret)].count("#") == 2
