import numpy as np
import pytest

from earshot.understanding.safety_labels import LABELS
from earshot.understanding.safety_words import (
    SURE,
    add_swear_words,
    confidences_by_words,
    gravity_of_swearing,
    swear_words_of,
)

PROFANITY, HATE = LABELS.index("profanity"), LABELS.index("hate_speech")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("What the hell, it is a damn shame.", ["what the hell", "damn"]),
        ("Shit!", ["shit"]),
        ("this f*** thing", ["f***"]),
        ("He went to hell and back with Dick.", ["dick"]),
        ("The class assessed the grass.", []),
        ("My number is #### ** 5.", []),
        ("", []),
    ],
)
def test_swear_words_are_found_as_words(text: str, found: list[str]) -> None:
    assert [word.text for word in swear_words_of(text)] == found


def test_more_words_of_a_kind_make_it_likelier() -> None:
    one, two, none = confidences_by_words(
        ["He smelled of whiskey.", "Whiskey and beers, then wine.", "A cup of tea."]
    )
    alcohol = LABELS.index("alcohol")
    assert 0.5 < one[alcohol] < two[alcohol] < 1
    assert not none.any()


def test_swear_words_raise_profanity_and_slurs_raise_hate() -> None:
    before = np.full((3, len(LABELS)), 0.1, dtype=np.float32)
    after = add_swear_words(before, ["This is shit.", "You retards.", "Fine."])
    assert after[0, PROFANITY] == np.float32(SURE)
    assert after[0, HATE] == np.float32(0.1)
    assert after[1, HATE] > 0.5
    assert (after[2] == before[2]).all()
    assert before.max() == np.float32(0.1)


def test_profanity_is_as_grave_as_its_gravest_word() -> None:
    before = np.full((2, len(LABELS)), 0.5, dtype=np.float32)
    mild, grave = gravity_of_swearing(before, ["Damn.", "Damn, fuck."])[:, PROFANITY]
    assert mild < 0.5 < grave
