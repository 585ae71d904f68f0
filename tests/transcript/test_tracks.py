from earshot.transcript.tracks import silence_before_ms, split_by_channel
from earshot.transcript.words import Word

LEFT = [Word("a", 0, 100, 0.9, None, 1), Word("c", 400, 500, 0.9, None, 1)]
RIGHT = [Word("b", 50, 450, 0.9, None, 2)]


def test_each_channel_keeps_its_words_in_order() -> None:
    assert split_by_channel([LEFT[0], *RIGHT, LEFT[1]]) == [LEFT, RIGHT]


def test_no_words_are_no_tracks() -> None:
    assert split_by_channel([]) == []


def test_silence_is_counted_from_the_end_of_the_word_before() -> None:
    assert silence_before_ms(LEFT, 1) == 300
    assert silence_before_ms(LEFT, 0) == 0


def test_words_that_overlap_have_no_silence_between_them() -> None:
    assert silence_before_ms([LEFT[0], RIGHT[0]], 1) == 0
