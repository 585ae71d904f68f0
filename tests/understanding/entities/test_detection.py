"""Words -> entities."""

from dataclasses import replace
from itertools import pairwise

from benchmarks.entity_cases import make_cases
from earshot.transcript.entity_types import FOUND_BY_PATTERN
from earshot.understanding.entities.candidates import Candidate, Evidence
from earshot.understanding.entities.detection import (
    detect_entities,
    keep_best,
    suspect_entities,
)
from tests.understanding.saying import say


def test_an_entity_has_the_words_as_they_were_said_and_their_times() -> None:
    (entity,) = detect_entities(say("My card: four one one one " + "one one one one " * 3 + "ok."))
    assert entity.entity_type == "credit_card_number"
    assert entity.text == ("four one one one " + "one one one one " * 3).strip()
    assert (entity.start_ms, entity.end_ms) == (600, 5400)
    assert (entity.first, entity.end) == (2, 18)
    assert round(entity.confidence, 6) == 0.9


def test_an_entity_is_no_more_of_a_word_than_belongs_to_it() -> None:
    assert [e.text for e in detect_entities(say('a 38-year-old, "jane@example.com".'))] == [
        "38",
        "jane@example.com",
    ]


def test_entities_share_no_words_and_come_in_order() -> None:
    entities = detect_entities(say("born March 7, 1961, paid $5 in 1984 to jane@example.com"))
    assert [e.entity_type for e in entities] == [
        "date_of_birth",
        "money_amount",
        "date_interval",
        "email_address",
    ]
    assert all(a.end <= b.first for a, b in pairwise(entities))


def test_what_is_of_two_types_is_suspected_of_either() -> None:
    words = say("my date of birth is March 7, 1961")
    assert [e.entity_type for e in detect_entities(words)] == ["date_of_birth"]
    suspected = suspect_entities(words, {"date", "date_of_birth"})
    assert suspected[0].entity_type == "date_of_birth"
    assert {e.entity_type for e in suspect_entities(words, {"date"})} == {"date"}


def test_the_better_founded_is_kept_then_the_longer() -> None:
    shape = Candidate("phone_number", 0, 9, Evidence.SHAPE)
    short = Candidate("date", 0, 4, Evidence.SHAPE)
    summed = Candidate("credit_card_number", 5, 12, Evidence.CHECKSUM)
    assert keep_best([short, shape]) == [shape]
    assert keep_best([short, shape, summed]) == [short, summed]


def test_nothing_is_found_in_nothing() -> None:
    assert detect_entities(()) == ()
    assert detect_entities(say("... -- ,")) == ()


def test_generated_sentences_are_understood_written_and_spoken() -> None:
    cases = make_cases(seed=5, n_each=1)
    missed = n_gold = n_wrong = n_found = 0
    for case in cases:
        entities = detect_entities(case.words)
        found = [(e.entity_type, e.first, e.end) for e in entities]
        gold = [(g.entity_type, g.first, g.end) for g in case.gold]
        n_gold, missed = n_gold + len(gold), missed + len(set(gold) - set(found))
        n_found, n_wrong = n_found + len(found), n_wrong + len(set(found) - set(gold))
    assert {g.entity_type for case in cases for g in case.gold} == set(FOUND_BY_PATTERN)
    assert missed <= 0.05 * n_gold
    assert n_wrong <= 0.05 * n_found


def test_a_number_that_another_voice_interrupts_is_one_entity() -> None:
    dictated = say("my card 4111 sure 1111 now 1111 well 1111 ok")
    words = tuple(
        replace(word, speaker="B" if word.text in ("sure", "now", "well") else "A")
        for word in dictated
    )
    (entity,) = detect_entities(words)
    assert (entity.entity_type, entity.text) == ("credit_card_number", "4111 1111 1111 1111")
    assert entity.indices == (2, 4, 6, 8)
    assert (entity.first, entity.end) == (2, 9)


def test_a_doubt_is_suspected_and_never_named() -> None:
    words = say("my birthday is Tuesday")
    assert detect_entities(words) == ()
    assert [e.text for e in suspect_entities(words, {"date"})] == ["Tuesday"]
