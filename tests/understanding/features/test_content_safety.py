import numpy as np
import pytest

from earshot.transcript.findings import Safety
from earshot.transcript.options import UnderstandingOptions
from earshot.transcript.sentences import split_sentences
from earshot.transcript.words import Word
from earshot.understanding.feature import FinishedTranscript
from earshot.understanding.features.content_safety import SafetyFeature, _shares, parts_of
from earshot.understanding.sections import divide_into_sections
from tests.understanding.scripted_encoder import WordEncoder

ASKED = UnderstandingOptions(safety_threshold=0.5)
HARMLESS = "We repotted the basil yesterday and then we had a cup of tea in the garden together. "
DRUNK = "He was drunk on whiskey and beer, and he drank another cocktail at the brewery tonight. "


def words_of(text: str) -> tuple[Word, ...]:
    return tuple(Word(one, 300 * i, 300 * i + 250, 0.9) for i, one in enumerate(text.split()))


def found_in(text: str, threshold: float = 0.5) -> Safety:
    options = UnderstandingOptions(safety_threshold=threshold)
    safety = SafetyFeature(None).find(FinishedTranscript(words_of(text), "en_us"), options).safety
    assert safety is not None
    return safety


def test_only_sections_with_sensitive_content_are_told_with_their_sentences() -> None:
    safety = found_in(HARMLESS * 10 + DRUNK * 5 + HARMLESS * 10)
    (section,) = safety.sections
    assert [one.label for one in section.labels] == ["alcohol"]
    assert (section.first_sentence, section.last_sentence) == (10, 14)
    assert section.start_ms == 300 * 10 * len(HARMLESS.split())
    assert list(safety.confidences) == ["alcohol"]
    shares = safety.severities["alcohol"]
    assert shares.low + shares.medium + shares.high == pytest.approx(1)


def test_what_is_less_likely_than_asked_for_is_not_told() -> None:
    assert found_in("He smelled of whiskey.", 0.5).sections
    assert not found_in("He smelled of whiskey.", 0.9).sections


def test_labels_without_a_severity_have_none() -> None:
    safety = found_in("My favorite manga is Naruto, and the anime is fine.")
    assert safety.sections[0].labels[0].severity is None
    assert safety.severities == {}


def test_graver_swearing_is_graver() -> None:
    mild = found_in("Oh damn, the bus left.").severities["profanity"]
    grave = found_in("Oh fuck, the bus left.").severities["profanity"]
    assert mild.low == 1
    assert grave.high > 0.5


def test_no_share_is_below_zero_where_severities_are_low_and_high_alone() -> None:
    found = _shares(np.array([0.1, 0.9]), np.array([900.0, 100.0]))
    assert (found.low, found.medium, found.high) == (0.9, 0.0, 0.1)


def test_the_method_is_told() -> None:
    said = FinishedTranscript(words_of(HARMLESS), "en_us")
    by_words = SafetyFeature(None).find(said, ASKED)
    assert [one.name for one in by_words.methods] == ["words"]
    assert "earshot models pull minilm" in by_words.warnings[0]
    by_encoder = SafetyFeature(WordEncoder()).find(said, ASKED)
    assert [one.name for one in by_encoder.methods] == ["encoder"]
    assert by_encoder.warnings == ()
    assert not SafetyFeature(None).is_asked_for(UnderstandingOptions())


def test_short_sentences_are_read_with_those_beside_them() -> None:
    sentences = split_sentences(words_of("No. Why? He was shot in the back twice. Yes. It is."))
    (section,) = divide_into_sections(sentences)
    assert parts_of(section) == ["No. Why? He was shot in the back twice. Yes. It is."]
    two = split_sentences(words_of(HARMLESS + "Yes. " + DRUNK))
    (section,) = divide_into_sections(two)
    assert parts_of(section) == [HARMLESS.strip(), f"Yes. {DRUNK.strip()}"]


def test_of_silence_nothing_is_told() -> None:
    assert found_in("") == Safety((), {}, {})
