import dataclasses

import pytest

from earshot.transcript.words import Utterance, Word, join_words, label_of, mean_confidence

WORDS = (Word("Hello", 100, 400, 0.5, "A"), Word("there.", 450, 700, 1.0, "A"))


def test_words_are_joined_by_single_spaces() -> None:
    assert join_words(WORDS) == "Hello there."
    assert join_words([]) == ""


def test_a_voice_is_called_by_its_label_or_its_channel() -> None:
    assert label_of("1A", 1) == "1A"
    assert label_of(None, 2) == "2"
    assert label_of(None, None) is None


def test_the_mean_confidence_of_no_words_is_zero() -> None:
    assert mean_confidence(WORDS) == 0.75
    assert mean_confidence([]) == 0.0


def test_an_utterance_takes_text_times_and_confidence_from_its_words() -> None:
    utterance = Utterance(WORDS, "A", 1)
    assert utterance.text == "Hello there."
    assert (utterance.start_ms, utterance.end_ms, utterance.confidence) == (100, 700, 0.75)


def test_a_word_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(WORDS[0], "text", "Bye")  # noqa: B010 - mypy would refuse the plain assignment


@pytest.mark.parametrize(
    ("texts", "joined"),
    [
        (("well", "said"), "well said"),
        (("你", "好", "世界。"), "你好世界。"),
        (("こんにちは", "世界"), "こんにちは世界"),
        (("สวัส", "ดี"), "สวัสดี"),
        (("안녕", "세계"), "안녕 세계"),
        (("AI", "技术", "2026"), "AI 技术 2026"),
        ((), ""),
    ],
)
def test_scripts_that_are_written_without_spaces_are_joined_without(
    texts: tuple[str, ...], joined: str
) -> None:
    assert join_words([Word(text, 0, 1, 0.5) for text in texts]) == joined
