"""Secrets are hidden in words and in utterances."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.entity_cases import Case, make_cases
from earshot.transcript.options import OwnTerms, RedactionOptions
from earshot.transcript.redaction_policies import POLICIES
from earshot.transcript.words import join_words
from earshot.understanding.redaction.redact import find_secret_words, redact_words
from tests.understanding.saying import say

ALL = tuple(POLICIES)
CASES = [case for case in make_cases(seed=9, n_each=2) if case.gold]


def secret_words(case: Case) -> set[int]:
    return {index for gold in case.gold for index in range(gold.first, gold.end)}


def test_hash_keeps_the_length_and_the_marks() -> None:
    redacted = redact_words(
        say("It is (jane@example.com), okay?"), RedactionOptions(("email_address",))
    )
    assert join_words(redacted) == "It is (################), okay?"


def test_the_name_of_the_policy_stands_for_each_word() -> None:
    redaction = RedactionOptions(("phone_number",), "entity_name")
    redacted = redact_words(say("Call 212 555-0123."), redaction)
    assert join_words(redacted) == "Call [PHONE_NUMBER] [PHONE_NUMBER]."


def test_without_a_policy_nothing_is_hidden() -> None:
    words = say("It is jane@example.com")
    assert redact_words(words, RedactionOptions()) == words


def test_other_types_stay() -> None:
    words = say("pay $50 to jane@example.com")
    hidden = redact_words(words, RedactionOptions(("money_amount",)))
    assert join_words(hidden) == "pay ### to jane@example.com"


def test_own_terms_are_hidden_under_their_label() -> None:
    redaction = RedactionOptions((), "entity_name", (OwnTerms("project", ("Blue Sky", "acme")),))
    redacted = redact_words(say("The blue sky is Acme's, not sky."), redaction)
    assert join_words(redacted) == "The [PROJECT] [PROJECT] is [PROJECT], not sky."


def test_a_number_that_the_other_side_interrupts_is_hidden() -> None:
    dictated = say("card 4111 now 1111 what 1111 next 1111 thanks")
    words = tuple(
        replace(word, speaker="B" if word.text in ("now", "what", "next") else "A")
        for word in dictated
    )
    redacted = redact_words(words, RedactionOptions(("credit_card_number",)))
    assert join_words(redacted) == "card #### now #### what #### next #### thanks"


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(CASES), st.sampled_from(["hash", "entity_name"]), st.data())
def test_no_secret_survives_and_all_times_stay(case: Case, way: str, data: st.DataObject) -> None:
    """Whatever else is said before and behind it."""
    others = data.draw(st.lists(st.sampled_from(CASES), max_size=2))
    at = data.draw(st.integers(0, len(others)))
    sequence = [*others[:at], case, *others[at:]]
    words = tuple(
        replace(word, start_ms=i * 300, end_ms=i * 300 + 300)
        for i, word in enumerate(word for one in sequence for word in one.words)
    )
    offset = sum(len(one.words) for one in sequence[:at])
    redaction = RedactionOptions(ALL, "hash" if way == "hash" else "entity_name")
    redacted = redact_words(words, redaction)
    assert [(w.start_ms, w.end_ms) for w in redacted] == [(w.start_ms, w.end_ms) for w in words]
    for index in secret_words(case):
        text = redacted[offset + index].text
        assert ("#" in text) if way == "hash" else ("[" in text)
        core = words[offset + index].text.strip(".,")
        assert core not in text


def test_labels_are_those_of_the_entities() -> None:
    labels = find_secret_words(say("my pin is 4242"), RedactionOptions(("password",)))
    assert labels == {3: "password"}
