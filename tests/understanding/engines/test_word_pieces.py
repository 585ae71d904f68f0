from pathlib import Path

import pytest

from earshot.understanding.engines.word_pieces import WordPieces
from tests.tiny_encoder import VOCABULARY


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Playing days", ["play", "##ing", "day", "##s"]),
        ("GOOD, bad!", ["good", ",", "bad", "!"]),
        ("café", ["cafe"]),
        ("playful", ["[UNK]"]),
        ("good\u4e16bad", ["good", "[UNK]", "bad"]),
        ("don't", ["[UNK]", "'", "t"]),
        ("good" * 30, ["[UNK]"]),
        ("", []),
        (" \n\t", []),
    ],
)
def test_a_text_is_cut_as_the_vocabulary_has_it(
    text: str, pieces: list[str], vocabulary: Path
) -> None:
    found = WordPieces(vocabulary).cut(text)
    assert [VOCABULARY[number] for number in found.numbers] == pieces


def test_the_offsets_are_of_the_text_as_it_was_given(vocabulary: Path) -> None:
    text = "  Café\u0301 PLAYING,\tdays"
    found = WordPieces(vocabulary).cut(text)
    spans = [text[start:end] for start, end in zip(found.starts, found.ends, strict=True)]
    assert spans[1:] == ["PLAY", "ING", ",", "day", "s"]
    assert text[found.starts[0] : found.ends[0]].startswith("Caf")


def test_the_marks_of_the_ends_are_known_and_not_among_the_pieces(vocabulary: Path) -> None:
    cutter = WordPieces(vocabulary)
    assert (VOCABULARY[cutter.first], VOCABULARY[cutter.last]) == ("[CLS]", "[SEP]")
    assert {cutter.first, cutter.last}.isdisjoint(cutter.cut("[CLS] good [SEP]").numbers)
