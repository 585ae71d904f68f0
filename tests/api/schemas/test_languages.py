from earshot.api.schemas.languages import ENGLISH_CODES, LANGUAGE_CODES, LANGUAGES_OF_MODEL


def test_the_codes_are_the_102_of_the_specification_and_two_later_ones() -> None:
    assert len(LANGUAGE_CODES) == 104
    assert {"no", "de_ch", "yue"} <= LANGUAGE_CODES  # "no" is false to a careless YAML reader


def test_every_model_exists_in_english_and_in_no_language_that_is_none() -> None:
    for codes in LANGUAGES_OF_MODEL.values():
        assert ENGLISH_CODES <= codes <= LANGUAGE_CODES


def test_the_number_of_languages_of_each_model_is_that_of_the_published_matrix() -> None:
    assert {model: len(codes) for model, codes in LANGUAGES_OF_MODEL.items()} == {
        "speaker_labels": 20,
        "disfluencies": 4,
        "filter_profanity": 12,
        "auto_highlights": 4,
        "auto_chapters": 4,
        "summarization": 4,
        "sentiment_analysis": 4,
        "content_safety": 9,
        "iab_categories": 9,
        "entity_detection": 50,
        "redact_pii": 50,
    }
