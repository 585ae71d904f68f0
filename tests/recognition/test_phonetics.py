import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.recognition.phonetics import (
    MAX_KEY_LENGTH,
    KeyTable,
    encode_key,
    fold_to_ascii,
    sound_key,
)

KEYS = st.text("aSptkfsmnlrwh", min_size=1, max_size=MAX_KEY_LENGTH)


def count_edits(a: str, b: str) -> int:
    """Levenshtein's distance, as in any textbook."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        following = [i]
        for j, y in enumerate(b, start=1):
            following.append(min(row[j] + 1, following[-1] + 1, row[j - 1] + (x != y)))
        row = following
    return row[-1]


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("Hilston", "Helstone"),
        ("squirre", "squire"),
        ("guessed", "kissed"),
        ("craiffish", "crayfish"),
        ("Newburgh", "Newberg"),
        ("Jameson", "Jamieson"),
        ("lady", "Liddy"),
        ("Andres", "Andrés"),
        ("night", "knight"),
        ("2", "two"),
    ],
)
def test_what_sounds_alike_has_the_same_key(heard: str, said: str) -> None:
    assert sound_key(heard) == sound_key(said)


@pytest.mark.parametrize(("one", "other"), [("crayfish", "catfish"), ("brag", "bring"), ("a", "b")])
def test_what_sounds_different_has_another_key(one: str, other: str) -> None:
    assert sound_key(one) != sound_key(other)


@given(word=st.text(max_size=30))
def test_any_text_has_a_key_that_can_be_encoded(word: str) -> None:
    assert len(encode_key(sound_key(word))) == len(sound_key(word))


def test_what_is_not_latin_has_no_sounds() -> None:
    assert sound_key("日本") == ""
    assert fold_to_ascii("Łódź naïve ½") == "odz naive 12"


@given(text=KEYS, pairs=st.lists(st.tuples(KEYS, st.integers(0, 30)), min_size=1, max_size=5))
def test_distances_are_levenshteins(text: str, pairs: list[tuple[str, int]]) -> None:
    keys = [key for key, _ in pairs]
    starts = np.array([min(start, len(text) - 1) for _, start in pairs], dtype=np.intp)
    table = KeyTable(keys)
    distances = table.distances(encode_key(text), starts, np.arange(len(keys)), len(text))
    for column, (key, start) in enumerate(zip(keys, starts, strict=True)):
        for n_sounds in range(1, len(text) - start + 1):
            heard = text[start : start + n_sounds]
            assert distances[n_sounds - 1, column] == count_edits(key, heard)


def test_longer_keys_are_cut() -> None:
    table = KeyTable(["a" * (MAX_KEY_LENGTH + 5)])
    assert table.lengths.tolist() == [MAX_KEY_LENGTH]
