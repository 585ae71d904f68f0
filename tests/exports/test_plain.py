from earshot.exports.plain import render_plain
from earshot.transcript.words import Word


def test_one_voice_is_given_without_a_name() -> None:
    words = [Word("Hello", 0, 300, 0.9), Word("there.", 320, 600, 0.9)]
    assert render_plain(words) == "Hello there.\n"


def test_speakers_are_named_and_set_apart() -> None:
    words = [Word("Hello.", 0, 300, 0.9, "A"), Word("Hi.", 320, 600, 0.9, "B")]
    assert render_plain(words) == "Speaker A: Hello.\n\nSpeaker B: Hi.\n"


def test_no_words_are_no_text() -> None:
    assert render_plain([]) == ""


def test_a_known_voice_has_its_name_after_the_label() -> None:
    words = [
        Word("Hello.", 0, 100, 0.9, speaker="A"),
        Word("Hi.", 200, 300, 0.9, speaker="B"),
    ]
    assert render_plain(words, {"B": "Maria"}) == "Speaker A: Hello.\n\nSpeaker B (Maria): Hi.\n"
