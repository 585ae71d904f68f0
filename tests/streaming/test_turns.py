import pytest

from earshot.recognition.recognizer import Closing
from earshot.streaming.turns import DEFAULT_TURN_MODEL, Pause, closing_by_mark, logit

SENTENCE = Closing(ends_sentence=0.95, ends_phrase=0.002)
PHRASE = Closing(ends_sentence=0.4, ends_phrase=0.5)


def confidence(
    silence_ms: int, closing: Closing = SENTENCE, *, is_continuing: bool = False
) -> float:
    return DEFAULT_TURN_MODEL.confidence(Pause(silence_ms, closing, is_continuing))


def test_the_longer_the_silence_the_likelier_the_end() -> None:
    rising = [confidence(ms) for ms in range(0, 2000, 100)]
    assert rising == sorted(rising)
    assert all(0 < one < 1 for one in rising)


def test_while_somebody_speaks_the_end_is_unlikely() -> None:
    assert confidence(0, PHRASE) < 0.1


def test_where_a_phrase_ends_a_turn_ends_less_likely_than_where_a_sentence_does() -> None:
    assert confidence(500, PHRASE) < confidence(500, SENTENCE) - 0.3


def test_a_word_that_goes_on_makes_the_end_less_likely() -> None:
    assert confidence(500, is_continuing=True) < confidence(500)


def test_the_default_threshold_tells_the_end_of_a_sentence_from_that_of_a_phrase() -> None:
    assert confidence(420, SENTENCE) > 0.4 > confidence(420, PHRASE)


@pytest.mark.parametrize(
    ("form", "likelier"), [("said.", "sentence"), ('said?"', "sentence"), ("said,", "phrase")]
)
def test_a_mark_says_what_ends_where_the_recognizer_does_not(form: str, likelier: str) -> None:
    closing = closing_by_mark(form)
    is_sentence = closing.ends_sentence > closing.ends_phrase
    assert is_sentence == (likelier == "sentence")


@pytest.mark.parametrize("form", ["said", "said..."])
def test_without_a_mark_that_ends_something_nothing_ends(form: str) -> None:
    assert closing_by_mark(form).ends_sentence < 0.1


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_certainty_is_believed_within_limits(probability: float) -> None:
    assert abs(logit(probability)) < 7
