import pytest

from earshot.transcript.findings import KeyPhrase, Span
from earshot.transcript.sentences import split_sentences
from earshot.transcript.words import Word
from earshot.understanding.key_phrases import find_key_phrases

MAX_PHRASES = 15

WILDFIRES = """
Smoke from hundreds of wildfires in Canada is triggering air quality alerts throughout the US.
Skylines from Maine to Maryland are gray and smoggy, because of the smoke. So, what is it about the
weather systems right now? Well, the weather systems pull the smoke down. It's going to be about
climate change, um, you know, and the weather systems. Air quality alerts will go on.
"""


def spoken(text: str) -> tuple[Word, ...]:
    return tuple(Word(t, 300 * i, 300 * i + 250, 0.9) for i, t in enumerate(text.split()))


def phrases_of(text: str, max_phrases: int = MAX_PHRASES) -> tuple[KeyPhrase, ...]:
    return find_key_phrases(split_sentences(spoken(text)), max_phrases)


def test_what_a_talk_is_about_comes_first() -> None:
    best = [phrase.text for phrase in phrases_of(WILDFIRES, 4)]
    assert "air quality alerts" in {text.lower() for text in best}
    assert "weather systems" in best


def test_a_phrase_has_all_places_where_it_is_said_in_temporal_order() -> None:
    (systems,) = [p for p in phrases_of(WILDFIRES) if p.text == "weather systems"]
    words = [word.text.strip(",?.") for word in spoken(WILDFIRES)]
    starts = [i for i, text in enumerate(words) if text == "weather"]
    assert systems.times == tuple(Span(300 * i, 300 * i + 550) for i in starts)
    assert len(systems.times) == 3


def test_ranks_fall_and_add_up_to_one() -> None:
    ranks = [phrase.rank for phrase in phrases_of(WILDFIRES)]
    assert ranks == sorted(ranks, reverse=True)
    assert sum(ranks) == pytest.approx(1)


def test_singular_and_plural_are_one_phrase() -> None:
    (phrase,) = phrases_of("The weather system. A weather system! Two weather systems.")
    assert (phrase.text, len(phrase.times)) == ("weather system", 3)


def test_no_phrase_runs_over_a_comma_or_a_grammatical_word() -> None:
    texts = {phrase.text for phrase in phrases_of("Smoke, rivers and mountains of Canada.")}
    assert texts == {"Smoke", "rivers", "mountains", "Canada"}


def test_a_part_of_a_better_phrase_is_not_named_again() -> None:
    texts = [phrase.text for phrase in phrases_of("Climate change. Climate change. Change.")]
    assert texts == ["Climate change"]


def test_there_are_never_more_than_asked_for() -> None:
    many = " ".join(f"noun{letter}, " for letter in "abcdefghijklmnopqrstuvwxyz")
    assert len(phrases_of(many)) == MAX_PHRASES


@pytest.mark.parametrize("text", ["", "Um.", "12", "The of and.", "..."])
def test_where_nothing_is_said_there_is_no_phrase(text: str) -> None:
    assert phrases_of(text) == ()


def test_lower_case_speech_without_marks_has_phrases_too() -> None:
    assert phrases_of(WILDFIRES.lower().replace(".", ""))[0].rank > 0


def test_places_of_two_channels_that_overlap_are_in_temporal_order() -> None:
    slow = ["so", "well", "now", "you", "know", "that", "the", "weather", "systems"]
    fast = ["the", "weather", "systems."]
    words = [
        *(Word(text, 900 * i, 900 * i + 900, 0.9, channel=1) for i, text in enumerate(slow)),
        *(
            Word(text, 2000 + 300 * i, 2300 + 300 * i, 0.9, channel=2)
            for i, text in enumerate(fast)
        ),
    ]
    (phrase,) = find_key_phrases(split_sentences(words), 5)
    assert [span.start_ms for span in phrase.times] == [2300, 6300]
