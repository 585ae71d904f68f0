from earshot.understanding.safety_labels import KINDS, LABELS

WITHOUT_SEVERITY = {"financials", "manga", "negative_news", "nsfw", "sensitive_social_issues"}


def test_the_labels_are_the_nineteen_of_the_api() -> None:
    assert len(set(LABELS)) == 19
    assert {kind.label for kind in KINDS if not kind.has_severity} == WITHOUT_SEVERITY


def test_words_tell_of_every_label_but_profanity_which_has_a_list_of_its_own() -> None:
    assert [kind.label for kind in KINDS if not kind.words] == ["profanity"]
