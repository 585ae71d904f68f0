from benchmarks.entity_cases import words_of
from benchmarks.names import f1_row, find_capitalised, read_cases, redaction_rows, spans_of
from benchmarks.tagger_sentences import Sentence
from earshot.understanding.entities.tagger_head import TAGGED_TYPES

CALL = Sentence(
    ("Thanks", "Jane", "Roe,", "in", "Boston"),
    ("", "B-person_name", "I-person_name", "", "B-location"),
)


def test_a_name_counts_where_something_of_its_type_overlaps_it() -> None:
    assert spans_of(CALL) == [("person_name", 1, 3), ("location", 4, 5)]
    half = f1_row([CALL], lambda _: [("person_name", 1, 2), ("organization", 4, 5)])
    assert half == ("2", "0.500", "0.500", "0.500", "1.000", "0.000", "-")


def test_redaction_is_counted_by_words_and_by_policy() -> None:
    rows = redaction_rows([CALL], lambda _words, _policy: [1, 3], ["person_name", "drug"])
    assert rows == [("`person_name`", "2", "50.0", "50.0")]


def test_the_peer_takes_capitals_within_a_sentence_for_names() -> None:
    words = words_of(["Thanks", "Jane", "Roe,", "I", "am", "in", "Boston.", "Then", "we", "go."])
    assert find_capitalised(words) == [("name", 1, 3), ("name", 6, 7)]


def test_our_cases_name_something_of_every_type() -> None:
    tags = {tag[2:] for case in read_cases() for tag in case.tags if tag}
    assert tags == set(TAGGED_TYPES)
