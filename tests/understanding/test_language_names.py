from earshot.api.schemas.languages import LANGUAGE_CODES
from earshot.understanding.language_names import name_language


def test_every_language_of_the_api_has_a_name() -> None:
    assert [code for code in LANGUAGE_CODES if name_language(code) == code] == []
    assert name_language("de_ch") == "Swiss German"
    assert name_language("xx") == "xx"
