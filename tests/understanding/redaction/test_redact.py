"""Secrets are hidden in words and in utterances."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.adversarial_cases import make_adversarial_cases
from benchmarks.entity_cases import Case, make_cases
from earshot.transcript.options import OwnTerms, RedactionOptions
from earshot.transcript.redaction_policies import POLICIES
from earshot.transcript.words import Word, join_words
from earshot.understanding.entities.candidates import Tagged
from earshot.understanding.entities.detection import detect_entities
from earshot.understanding.redaction.redact import find_secret_words, redact_words
from tests.understanding.saying import say

ALL = tuple(POLICIES)
ADVERSARIAL = [
    (way, case) for way, cases in make_adversarial_cases(seed=2, n_each=2).items() for case in cases
]
TALK = "and then we spoke of other things for a while until"
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


def words_left(case: Case) -> list[str]:
    """The secret words that stay readable under the one policy that names them."""
    hidden = find_secret_words(case.words, RedactionOptions((case.gold[0].entity_type,)))
    return [case.words[i].text for i in sorted(secret_words(case)) if i not in hidden]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ADVERSARIAL))
def test_a_secret_is_hidden_by_its_policy_alone_however_it_is_said(row: tuple[str, Case]) -> None:
    """Said again, twice in a row, beside another number, misheard, interrupted."""
    _, case = row
    # A mark that was said between two parts of a number tells nothing of it.
    assert set(words_left(case)) <= {"dash", "plus", "colon"}


@pytest.mark.parametrize("policy", sorted({case.gold[0].entity_type for case in CASES}))
@pytest.mark.parametrize("mark", ["", ",", ".", " and", " then 4711,"])
def test_a_secret_beside_itself_is_hidden_by_its_policy_alone(policy: str, mark: str) -> None:
    for case in CASES:
        (gold,) = case.gold[:1]
        if gold.entity_type == policy and len(case.gold) == 1:
            texts = [word.text for word in case.words]
            secret = [text.rstrip(".,") for text in texts[gold.first : gold.end]]
            twice = " ".join([*texts[: gold.first], *secret]) + mark
            words = say(" ".join([twice, *secret, *texts[gold.end :]]))
            second = len(twice.split())
            both = {*range(gold.first, gold.end), *range(second, second + len(secret))}
            assert both <= find_secret_words(words, RedactionOptions((policy,))).keys(), words


@pytest.mark.parametrize(
    ("policy", "said", "shown"),
    [
        ("phone_number", "it is 212-555-0143. 212-555-0144 okay", "it is %. % okay"),
        ("phone_number", "back in May. 212 555 0143 was it", "back in May. % % % was it"),
        ("phone_number", "my number is 555 0143", "my number is % %"),
        ("phone_number", "order number 12, she is at 212-555-0143", None),
        ("us_social_security_number", "room 4, 123-45-6789 is it", "room 4, % is it"),
        ("credit_card_cvv", "the code on the back is 123", "the code on the back is %"),
        ("credit_card_cvv", "C V V one two three", "C V V % % %"),
        ("credit_card_cvv", "C, V, C, 123", "C, V, C, %"),
        ("credit_card_cvv", "C-V-V 123", "C-V-V %"),
        ("us_social_security_number", "s s n 123 45 6789", "s s n % % %"),
        ("password", "my p i n four two four two", "my p i n % % % %"),
        ("date_of_birth", "D O B 5 3 81", "D O B % % %"),
        ("date_of_birth", "D-O-B 5 3 81", "D-O-B % % %"),
        ("vehicle_id", "v i n 1 h g c m 82633 a 004352", "v i n % % % % % % % %"),
        ("credit_card_number", "my card is 4111 1111 1111 1112 12 27", "my card is % % % % % %"),
        ("credit_card_number", "3782 822463 10005 4111 1111 1111 1111", "% % % % % % %"),
        ("credit_card_number", "my card is 4111, go on, 1111, got it, 1111, yes, 1112", None),
        ("password", f"my pin is 4242. {TALK} 4242", f"my pin is %. {TALK} %"),
        ("password", "my password is correct horse battery staple.", "my password is % % % %."),
        ("password", "the password is wrong and i left", "the password is wrong and i left"),
        ("day", "it is Tuesday the fifteenth now", "it is % % % now"),
        ("month", "we met in March or May", "we met in % or %"),
        ("year", "that was nineteen eighty four then", "that was % % % then"),
        ("gender", "she is female now", "she is % now"),
        ("sexuality", "she is bisexual now", "she is % now"),
        ("date_of_birth", "born March 7 1961. I repeat March 7 1961.", None),
        ("username", "my username is kumar 4 2", "my username is % % %"),
        ("healthcare_number", "NHS 943 476 5919 is hers", "NHS % % % is hers"),
        ("healthcare_number", "the nhs 24 hours a day", "the nhs 24 hours a day"),
        ("drivers_license", "licence F two five five nine two", "licence % % % % % %"),
        ("drivers_license", "my licence is F two five five", "my licence is % % % %"),
        ("phone_number", "the number i'm calling from is 555 0198", None),
        ("date", "on the 5th we fly", "on % % we fly"),
        ("ip_address", "try fe80 colon colon one now", "try % % % % now"),
    ],
)
def test_one_policy_hides_the_whole_secret(policy: str, said: str, shown: str | None) -> None:
    redacted = redact_words(say(said), RedactionOptions((policy,), "entity_name"))
    text = join_words(redacted).replace(f"[{policy.upper()}]", "%")
    if shown is None:
        figures = [c for c in text if c.isdigit()]
        assert "".join(figures) in ("", "12")
    else:
        assert text == shown


def test_a_label_is_the_first_policy_that_hides_the_word() -> None:
    words = say("in 1984 then")
    assert find_secret_words(words, RedactionOptions(("year", "date_interval"))) == {1: "year"}


def test_what_a_model_takes_for_a_name_is_hidden_sure_or_not() -> None:
    class Names:
        def tag(self, words: Sequence[Word]) -> Iterator[Tagged]:
            for index, word in enumerate(words):
                if word.text.istitle():
                    yield Tagged("person_name", index, index + 1, is_sure=word.text == "Jane")

    words = say("so Jane met Mo, then")
    hidden = redact_words(words, RedactionOptions(("person_name",)), Names())
    assert join_words(hidden) == "so #### met ##, then"
    assert [e.text for e in detect_entities(words, Names())] == ["Jane"]


def test_labels_are_those_of_the_entities() -> None:
    labels = find_secret_words(say("my pin is 4242"), RedactionOptions(("password",)))
    assert labels == {3: "password"}
