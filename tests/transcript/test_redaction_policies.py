"""What may be asked to be hidden."""

from earshot.transcript.entity_types import ENTITY_TYPES
from earshot.transcript.options import OwnTerms, RedactionOptions
from earshot.transcript.redaction_policies import (
    POLICIES,
    can_be_hidden,
    policies_for_a_tagger,
    policies_not_met,
    types_hidden_by,
)


def test_every_type_is_a_policy_and_hides_itself() -> None:
    assert all(types_hidden_by([name]) == {name} for name in ENTITY_TYPES)


def test_the_policies_of_2026_hide_at_least_what_they_name() -> None:
    assert len(POLICIES) == 44 + 21
    assert types_hidden_by(["year", "gender"]) == {"date", "date_interval", "gender_sexuality"}


def test_what_is_not_met_is_owned_up_to() -> None:
    asked = ["credit_card_number", "person_name", "product", "organization_id", "location_city"]
    assert policies_not_met(asked) == ("person_name", "product", "organization_id", "location_city")


def test_a_tagger_meets_the_policies_of_open_classes_and_no_others() -> None:
    asked = ["person_name", "location_city", "date", "product", "organization_id"]
    assert policies_for_a_tagger(asked) == ("person_name", "location_city")
    assert policies_not_met(asked, finds_names=True) == ("product", "organization_id")


def test_policies_are_met_in_english_alone_and_own_terms_where_words_are_apart() -> None:
    terms = (OwnTerms("project", ("Blue Sky",)),)
    by_policy, by_terms = RedactionOptions(("date",)), RedactionOptions(own_terms=terms)
    for code in ("en", "en_us", "en_uk"):
        assert can_be_hidden(by_policy, code)
        assert can_be_hidden(by_terms, code)
    for code in ("es", "de_ch", "ko"):
        assert not can_be_hidden(by_policy, code)
        assert not can_be_hidden(RedactionOptions(("email_address",), own_terms=terms), code)
        assert can_be_hidden(by_terms, code)
    for code in ("ja", "zh", "th"):
        assert not can_be_hidden(by_terms, code)
