from earshot.understanding.swear_words import SWEAR_WORDS


def test_words_are_as_speech_has_them_and_graded() -> None:
    for text, word in SWEAR_WORDS.items():
        assert text == word.text == text.lower()
        assert 0 < word.severity < 1
    assert SWEAR_WORDS["son of a bitch"].severity > SWEAR_WORDS["damn"].severity


def test_names_and_innocent_words_are_left_out() -> None:
    assert not SWEAR_WORDS.keys() & {"hell", "gay", "queer", "cock", "kill", "coon", "chink"}
