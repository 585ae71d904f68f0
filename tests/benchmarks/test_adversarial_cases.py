"""Secrets as people say them when a machine must not hear them."""

from pathlib import Path

from benchmarks.adversarial_cases import (
    DICTATED,
    hidden_share,
    make_adversarial_cases,
    read_calls_of_secrets,
)
from benchmarks.entity_cases import Case, Gold, words_of
from earshot.transcript.redaction_policies import POLICIES

WAYS = make_adversarial_cases(seed=3, n_each=1)


def secrets(case: Case) -> list[str]:
    return [" ".join(w.text for w in case.words[g.first : g.end]) for g in case.gold]


def test_the_same_seed_makes_the_same_cases() -> None:
    assert make_adversarial_cases(3, 1) == WAYS


def test_a_secret_that_is_said_twice_is_two_spans() -> None:
    for way in ("said again later", "said twice in a row"):
        for case in WAYS[way]:
            first, second = (secret.rstrip(".,") for secret in secrets(case))
            assert first == second


def test_another_number_is_no_part_of_the_secret() -> None:
    for case in WAYS["beside another number"]:
        (gold,) = case.gold
        assert gold.end - gold.first < len(case.words) - 1


def test_only_what_is_dictated_is_misheard_and_interrupted() -> None:
    for way, cases in WAYS.items():
        if way.startswith(("a digit", "interrupted")):
            assert cases
            assert {gold.entity_type for case in cases for gold in case.gold} <= DICTATED


def test_voices_are_told_apart_or_not() -> None:
    for way, voices in (("interrupted, voices told apart", {"A", "B"}), (None, {None})):
        for case in WAYS[way or "interrupted, voices not told apart"]:
            assert {word.speaker for word in case.words} == voices


def test_a_case_leaks_when_one_word_stays() -> None:
    case = Case("written", words_of(["a", "b", "c"]), (Gold("date", 0, 2),))
    assert hidden_share([case, case], lambda *_: {1, 2}) == (4, 2, 2)


def test_a_secret_of_a_call_stands_in_braces(tmp_path: Path) -> None:
    path = tmp_path / "calls.txt"
    path.write_text("password | it is {four two}, yes {42}\n")
    (case,) = read_calls_of_secrets(path)
    assert secrets(case) == ["four two,", "42"]
    assert {gold.entity_type for gold in case.gold} == {"password"}


def test_every_line_of_the_calls_has_a_secret_of_a_policy() -> None:
    for case in read_calls_of_secrets():
        assert case.gold
        assert case.gold[0].entity_type in POLICIES
