import pytest

from earshot.errors import LanguageNotInstalled
from earshot.recognition.pool import RecognizerPool
from earshot.testing import ScriptedRecognizer

ENGLISH = ScriptedRecognizer(name="english")
POOL = RecognizerPool(ENGLISH)


@pytest.mark.parametrize("code", ["en", "en_us", "en-GB", "en_au"])
def test_a_region_does_not_matter_to_the_choice_of_engine(code: str) -> None:
    assert POOL.choose(code) == "english"
    with POOL.lease("english") as recognizer:
        assert recognizer is ENGLISH


@pytest.mark.parametrize("code", ["de", "de_at", "eng", ""])
def test_a_language_without_an_engine_is_refused_by_name(code: str) -> None:
    with pytest.raises(LanguageNotInstalled, match=f"language_code '{code}' is not available"):
        POOL.choose(code)
