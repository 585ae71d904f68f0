import pytest

from earshot.errors import LanguageUncertain, NoSpokenAudio
from earshot.pipeline.language import decide_language
from earshot.transcript.options import LanguageDetection
from earshot.transcript.result import LanguageFinding

HEARD = {"en": 0.3, "es": 0.6, "fr": 0.1}


def test_the_likeliest_language_is_taken() -> None:
    assert decide_language(HEARD, LanguageDetection()) == ("es", LanguageFinding(0.6))


def test_too_small_a_confidence_fails_in_the_documented_words() -> None:
    sentence = (
        r"detected language 'bg', confidence 0\.2949, "
        r"is below the requested confidence threshold value of '0\.4'"
    )
    with pytest.raises(LanguageUncertain, match=sentence):
        decide_language({"bg": 0.29489}, LanguageDetection(confidence_threshold=0.4))


def test_a_language_without_a_name_is_told_in_words() -> None:
    with pytest.raises(LanguageUncertain) as caught:
        decide_language({"en": 0.45, "und": 0.55}, LanguageDetection(confidence_threshold=0.6))
    assert str(caught.value).startswith("detected a language other than English, confidence 0.5500")


def test_a_confidence_at_the_threshold_is_enough() -> None:
    assert decide_language(HEARD, LanguageDetection(0.6))[0] == "es"


def test_under_the_threshold_the_fallback_is_taken_where_that_was_asked_for() -> None:
    detection = LanguageDetection(0.9, fallback_language="fr", falls_back=True)
    assert decide_language(HEARD, detection) == ("fr", LanguageFinding(0.1))
    assert decide_language(HEARD, LanguageDetection(0.9, falls_back=True))[0] == "es"


def test_without_speech_there_is_no_language() -> None:
    with pytest.raises(NoSpokenAudio, match="cannot be performed on files with no spoken audio"):
        decide_language({}, LanguageDetection())


def test_only_expected_languages_are_found() -> None:
    detection = LanguageDetection(expected_languages=("en_us", "fr"))
    assert decide_language(HEARD, detection) == ("en", LanguageFinding(0.3))


def test_speech_in_none_of_the_expected_languages_is_taken_for_the_fallback() -> None:
    detection = LanguageDetection(expected_languages=("en", "fr"), fallback_language="fr")
    assert decide_language(HEARD, detection)[0] == "fr"


def test_of_two_expected_languages_the_one_without_a_name_is_the_other_than_english() -> None:
    detection = LanguageDetection(expected_languages=("en", "de"))
    assert decide_language({"en": 0.2, "und": 0.8}, detection) == ("de", LanguageFinding(0.8))


def test_of_several_expected_languages_a_language_without_a_name_stays_without() -> None:
    detection = LanguageDetection(expected_languages=("en", "de", "fr"))
    assert decide_language({"en": 0.2, "und": 0.8}, detection)[0] == "und"


def test_where_only_english_is_expected_english_is_found() -> None:
    detection = LanguageDetection(expected_languages=("en",))
    assert decide_language({"en": 0.2, "und": 0.8}, detection) == ("en", LanguageFinding(0.2))


@pytest.mark.parametrize(
    ("heard", "threshold", "code"),
    [
        ({"en": 0.6, "es": 0.35}, 0.3, "es"),
        ({"en": 0.6, "es": 0.25}, 0.3, "en"),
        ({"en": 0.3, "es": 0.4}, 0.5, "es"),
        ({"fr": 0.3, "es": 0.6}, 0.7, "es"),
        ({"en": 0.99, "es": 0.01}, 0.0, "es"),
        ({"en": 0.6, "und": 0.4}, 0.3, "en"),
    ],
)
def test_where_speakers_switch_the_documented_rule_decides(
    heard: dict[str, float], threshold: float, code: str
) -> None:
    detection = LanguageDetection(code_switching=True, code_switching_threshold=threshold)
    found, finding = decide_language(heard, detection)
    assert found == code
    assert dict(finding.switched or ()) == heard


def test_german_is_swiss_german_where_that_was_asked_for() -> None:
    assert decide_language({"de": 1.0}, LanguageDetection(swiss_german=True))[0] == "de_ch"
