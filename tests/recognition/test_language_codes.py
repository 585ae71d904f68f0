import pytest

from earshot.api.schemas.languages import LANGUAGE_CODES
from earshot.models.catalog import WHISPER_V3_LANGUAGES
from earshot.recognition.language_codes import language_of


def test_every_code_of_the_api_is_a_language_that_whisper_knows() -> None:
    assert {language_of(code) for code in LANGUAGE_CODES} == WHISPER_V3_LANGUAGES


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("en_uk", "en"),
        ("pt-BR", "pt"),
        ("de_ch", "de"),
        ("ZH_Hant", "zh"),
        ("haw", "haw"),
        ("yue", "yue"),
        ("nn", "nn"),
        ("nb", "no"),
        ("no", "no"),
        ("jv", "jw"),
        ("jw", "jw"),
        ("fil", "tl"),
        ("iw", "he"),
    ],
)
def test_regions_go_and_other_names_of_a_language_come_to_one(code: str, language: str) -> None:
    assert language_of(code) == language
