import time

from earshot.understanding.answering.passages import Passages
from tests.understanding.answering.asked import heard


def test_a_passage_is_found_by_forms_of_its_words() -> None:
    (passage,) = Passages([heard()]).find("How much does a repair cost?", 1)
    assert passage.text == "The repairs cost two million dollars."
    citation = passage.citation(2)
    assert (citation.transcript_id, citation.start_ms, citation.end_ms) == ("t", 2400, 4200)
    assert citation.question == 2


def test_grammar_alone_finds_nothing() -> None:
    assert Passages([heard()]).find("What is it that they were?", 3) == []
    assert Passages([heard()]).find("Who sang the opera?", 3) == []
    assert Passages([]).find("bridge", 3) == []


def test_passages_come_in_the_order_of_the_sources() -> None:
    sources = [heard("A bridge fell. Rain."), heard("Rain. The bridge rose.")]
    found = Passages(sources).find("bridge", 4)
    assert [one.place for one in found] == sorted(one.place for one in found)
    assert {one.place for one in found} == {0, 1}


def test_sentences_in_a_row_are_one_passage() -> None:
    (passage,) = Passages([heard("The bridge fell. The bridge rose. Rain.")]).find("bridge", 2)
    assert passage.text == "The bridge fell. The bridge rose."


def test_no_more_is_taken_than_fits() -> None:
    source = heard("The bridge fell. Rain. " * 40)
    for max_chars in (10, 60, 200):
        passages = Passages([source]).fill("bridge", max_chars)
        assert sum(len(one.text) + 1 for one in passages) <= max_chars
    assert Passages([source]).fill("bridge", 10) == []


def test_what_is_said_around_a_passage_is_read_along_the_nearest_first() -> None:
    before = " ".join(f"Before {number} it rained." for number in range(30))
    after = " ".join(f"After {number} it rained." for number in range(30))
    source = heard(f"{before} The bridge fell. {after}")
    (passage,) = Passages([source]).fill("bridge", 120)
    assert "Before 29 it rained. The bridge fell. After 0 it rained. After 1" in passage.text
    assert len(passage.text) <= 120
    everything = Passages([source]).fill("bridge", 100_000)
    assert "Before 10 it" in everything[0].text
    assert "Before 0 it" not in everything[0].text


def test_a_passage_that_is_too_long_leaves_room_for_others() -> None:
    long = "The old harbour bridge " + "and the bridge " * 20 + "fell."
    passages = Passages([heard(f"{long} Rain fell over the town. The bridge rose.")]).fill(
        "bridge", 60
    )
    assert "The bridge rose." in [one.text for one in passages][-1]


def test_a_question_takes_what_is_said_to_it_along() -> None:
    source = heard("What of the bridge repairs? Two million. Rain.")
    (passage,) = Passages([source]).find("How dear are the repairs?", 1)
    assert passage.text == "What of the bridge repairs? Two million."


def test_words_of_asking_do_not_count_beside_others() -> None:
    source = heard(
        "The discussion was long and friendly today. The harbour bridge fell into the sea."
    )
    (passage,) = Passages([source]).find("Summarize the discussion about the bridge", 3)
    assert passage.text.startswith("The harbour bridge")
    (passage,) = Passages([source]).find("What about the discussion?", 3)
    assert passage.text.startswith("The discussion")


def test_what_is_spoken_of_all_around_comes_before_what_is_mentioned_once() -> None:
    once = (
        "The bridge looks nice in morning sunlight. " + "Rain falls on empty fields tonight. " * 8
    )
    all_around = "The bridge looks nice in evening sunlight. The old bridge needs paint badly."
    found = Passages([heard(f"{once} {all_around}")]).find("bridge", 1)
    assert found[0].first > 8


def test_a_hundred_questions_to_many_sentences_are_answered_in_little_time() -> None:
    passages = Passages([heard("Bridges. " * 30_000)])
    began_s = time.process_time()
    for _ in range(100):
        assert len(passages.find("bridge", 3)) == 1
    assert time.process_time() - began_s < 3  # it was 11, each sentence anew for every question
