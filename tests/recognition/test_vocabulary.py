from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.recognition.vocabulary import (
    POLICIES,
    Replacement,
    VocabularyIndex,
    choose_replacements,
    split_marks,
)
from earshot.transcript.options import Vocabulary, VocabularyStrength

LIKELY = -0.5
UNLIKELY = -40.0
TEXTS = st.lists(st.sampled_from(["lady", "Liddy,", "“Ian's”", "2", "crab", "…", "is", "New"]))


def replacements(
    words: Sequence[str],
    *terms: str,
    strength: VocabularyStrength = "default",
    start_logprob: float = LIKELY,
    loss: float = 1.0,
) -> list[Replacement]:
    """What is found where the model thought of every term at every word."""
    index = VocabularyIndex(Vocabulary(terms, strength))
    starts = np.full((len(words), len(index.spellings)), start_logprob, dtype=np.float32)
    return index.find_replacements(words, [loss] * len(words), starts)


def texts(found: Sequence[Replacement]) -> list[tuple[int, int, str]]:
    return [(replacement.first, replacement.end, replacement.text) for replacement in found]


def test_a_term_is_found_where_it_sounds_alike_with_the_marks_around_the_word() -> None:
    words = ["I", "kissed", "“lady,”", "too."]
    assert texts(replacements(words, "liddy"))[0] == (2, 3, "“liddy,”")


def test_a_term_in_lower_case_takes_the_capital_of_the_word_it_replaces() -> None:
    assert texts(replacements(["Lady,"], "liddy"))[0] == (0, 1, "Liddy,")


def test_a_name_keeps_its_capital() -> None:
    assert texts(replacements(["the", "narsman", "came"], "Norsemen"))[0] == (1, 2, "Norsemen")


def test_a_term_may_have_been_heard_as_several_words() -> None:
    found = texts(replacements(["the", "feeling", "is", "down"], "ceilings", loss=2.0))
    assert (1, 3, "ceilings") in found


def test_a_phrase_may_have_been_heard_as_fewer_words() -> None:
    found = texts(replacements(["by", "Delmonaco."], "del Monaco", loss=2.0))
    assert (1, 2, "del Monaco.") in found


def test_the_possessive_is_kept_where_the_term_has_none() -> None:
    assert (1, 2, "Liddy's") in texts(replacements(["my", "Lady's", "hat"], "Liddy"))


def test_a_term_that_the_model_did_not_think_of_is_not_found() -> None:
    assert not replacements(["lady"], "liddy", start_logprob=UNLIKELY)


def test_a_term_that_sounds_different_is_not_found() -> None:
    assert not replacements(["lady"], "crayfish")


def test_words_that_are_a_term_already_are_left_alone() -> None:
    assert not replacements(["reflection", "refraction"], "reflection", "refraction")
    assert not replacements(["the", "lodge."], "lodge")
    assert not replacements(["Liddy's"], "Liddy", "liddies")


@pytest.mark.parametrize("term", ["", "  ", "日本", "…"])
def test_a_term_without_sounds_is_passed_over(term: str) -> None:
    assert not VocabularyIndex(Vocabulary((term,))).spellings
    assert not replacements(["lady"], term)


def test_accents_are_left_out_for_the_model_and_put_back_for_the_reader() -> None:
    index = VocabularyIndex(Vocabulary(("Andrés",)))
    assert [spelling.text for spelling in index.spellings] == ["Andres"]
    assert index.respell(["Andres,", "andres's", "Andrea"]) == ["Andrés,", "Andrés's", "Andrea"]


def test_a_term_of_a_list_is_preferred_less_the_longer_the_list_is() -> None:
    few = replacements(["lady"], "liddy")
    many = replacements(["lady"], "liddy", *(f"crayfish{n}" for n in range(999)))
    assert many[0].bonus < few[0].bonus


def test_a_higher_strength_prefers_terms_more() -> None:
    bonuses = [
        replacements(["lady"], "liddy", strength=strength)[0].bonus
        for strength in ("low", "default", "high")
    ]
    assert bonuses == sorted(set(bonuses))


def test_case_that_no_model_comes_upon_is_put_back_and_a_mere_capital_is_not() -> None:
    index = VocabularyIndex(Vocabulary(("PyTorch", "May", "GNU Emacs")))
    heard = ["“Pytorch”", "may", "run", "gnu", "emacs."]
    assert index.respell(heard) == ["“PyTorch”", "may", "run", "GNU", "Emacs."]


@given(words=TEXTS, terms=st.lists(st.text(max_size=12), max_size=4))
def test_whatever_the_terms_are_replacements_lie_within_the_words(
    words: list[str], terms: list[str]
) -> None:
    for found in replacements(words, "liddy", "Ian", *terms):
        assert 0 <= found.first < found.end <= len(words)
        assert 0 < found.bonus <= POLICIES["default"].max_bonus
        assert found.bound > 0
    assert len(VocabularyIndex(Vocabulary(tuple(terms))).respell(words)) == len(words)


@given(
    spans=st.lists(
        st.tuples(st.integers(0, 8), st.integers(1, 3), st.floats(-9, 9), st.floats(0.1, 5))
    )
)
def test_those_that_are_chosen_win_and_do_not_overlap(
    spans: list[tuple[int, int, float, float]],
) -> None:
    gains = [
        (Replacement(first, first + n, "x", bonus, bound=9.0), gain)
        for first, n, gain, bonus in spans
    ]
    chosen = choose_replacements(gains)
    winners = [replacement for replacement, gain in gains if gain + replacement.bonus > 0]
    assert set(chosen) <= set(winners)
    assert bool(chosen) == bool(winners)
    assert all(a.end <= b.first for a, b in pairwise(chosen))


@given(word=st.text())
def test_a_word_and_its_marks_make_the_whole_again(word: str) -> None:
    assert "".join(split_marks(word)) == word
