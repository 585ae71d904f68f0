from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from earshot.formatting.spans import split_word
from earshot.transcript.words import Word


def test_time_is_shared_in_proportion_to_letters() -> None:
    pieces = split_word(Word("35%", 1_000, 1_600, 0.8, "A", 2), ["thirty", "five", "xx"])
    assert pieces == [
        Word("thirty", 1_000, 1_300, 0.8, "A", 2),
        Word("five", 1_300, 1_500, 0.8, "A", 2),
        Word("xx", 1_500, 1_600, 0.8, "A", 2),
    ]


@given(
    st.integers(0, 10**7),
    st.integers(0, 2_000),
    st.lists(st.text("abc", min_size=1, max_size=9), min_size=1, max_size=12),
)
def test_the_pieces_span_the_word_exactly_without_overlap(
    start_ms: int, length_ms: int, texts: list[str]
) -> None:
    pieces = split_word(Word("w", start_ms, start_ms + length_ms, 0.5), texts)
    assert [piece.text for piece in pieces] == texts
    assert (pieces[0].start_ms, pieces[-1].end_ms) == (start_ms, start_ms + length_ms)
    assert all(piece.start_ms <= piece.end_ms for piece in pieces)
    assert all(left.end_ms == right.start_ms for left, right in pairwise(pieces))
