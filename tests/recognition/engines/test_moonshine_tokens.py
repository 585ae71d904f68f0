from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.recognition.engines.moonshine_tokens import TokenTable
from earshot.transcript.words import Word

SPACE = "▁".encode()


def entry(piece: bytes) -> bytes:
    """One entry of `tokenizer.bin`."""
    if len(piece) < 128:
        return bytes([len(piece)]) + piece
    return bytes([len(piece) % 128 + 128, len(piece) // 128]) + piece


def table(*pieces: bytes) -> TokenTable:
    return TokenTable.from_bytes(b"".join(entry(piece) for piece in pieces))


def words_of(known: TokenTable, *, logprob: float = -0.1) -> tuple[Word, ...]:
    """The words of all tokens of the table, 100 ms each."""
    n_tokens = len(known.pieces)
    times_ms = [(100 * index, 100 * index + 100) for index in range(n_tokens)]
    return known.words(range(n_tokens), times_ms, [logprob] * n_tokens)


@pytest.mark.parametrize("length", [0, 1, 127, 128, 129, 255, 256, 1000, 127 * 128 + 127])
def test_entries_of_any_length_are_read(length: int) -> None:
    assert table(b"x" * length, b"next").pieces == (b"x" * length, b"next")


def test_no_bytes_are_no_tokens() -> None:
    assert table().pieces == ()


def test_specials_are_empty_and_brackets_alone_are_not_special() -> None:
    known = table(b"<unk>", b"</s>", b"<", b">", b"<>", b"<a")
    assert known.pieces == (b"", b"", b"<", b">", b"<>", b"<a")


def test_a_token_that_starts_with_a_space_starts_a_word() -> None:
    words = words_of(table(SPACE + b"anti", b"bio", b"tic", SPACE + b"now", b"."))
    assert [(word.text, word.start_ms, word.end_ms) for word in words] == [
        ("antibiotic", 0, 300),
        ("now.", 300, 500),
    ]


def test_the_first_token_starts_a_word_even_without_a_space() -> None:
    assert [word.text for word in words_of(table(b"Hm", SPACE + b"yes"))] == ["Hm", "yes"]


def test_bytes_that_spell_a_character_only_together_are_joined_before_they_are_read() -> None:
    accented, smile = "ï".encode(), "🙂".encode()
    bytewise = [bytes([byte]) for byte in smile]
    pieces = [SPACE + b"na", accented[:1], accented[1:], b"ve", SPACE, *bytewise]
    assert [word.text for word in words_of(table(*pieces))] == ["naïve", "🙂"]


def test_bytes_that_are_no_text_become_a_mark_and_no_error() -> None:
    assert [word.text for word in words_of(table(SPACE + b"a", b"\xff"))] == ["a\ufffd"]


def test_a_word_of_nothing_but_spaces_and_specials_is_left_out() -> None:
    assert words_of(table(b"<s>", SPACE, SPACE + SPACE, b"<pad>")) == ()


def test_no_tokens_are_no_words() -> None:
    assert table(b"x").words([], [], []) == ()


def test_a_words_confidence_is_the_geometric_mean_of_its_tokens_probabilities() -> None:
    known = table(SPACE + b"a", b"b", SPACE + b"c")
    logprobs = [log(0.9), log(0.4), log(0.5)]
    first, second = known.words([0, 1, 2], [(0, 1), (1, 2), (2, 3)], logprobs)
    assert first.confidence == pytest.approx((0.9 * 0.4) ** 0.5, abs=1e-5)
    assert second.confidence == pytest.approx(0.5, abs=1e-5)


BYTES = [bytes([byte]) for byte in range(256)]


def test_pairs_that_make_the_token_of_the_lowest_number_are_joined_first() -> None:
    # "ab" before "bc", though "bc" would leave a longer token to the end of the word.
    known = table(b"<unk>", *BYTES, SPACE, SPACE + b"x", b"ab", b"bc", b"abc")
    assert [known.pieces[token] for token in known.encode("xabc")] == [SPACE + b"x", b"abc"]
    assert [known.pieces[token] for token in known.encode("xbcb")] == [SPACE + b"x", b"bc", b"b"]


@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="▁")))
def test_the_tokens_of_any_text_spell_it(text: str) -> None:
    known = table(b"<unk>", *BYTES, SPACE, SPACE + b"a", b"ab", "é".encode())
    assert known.spell(known.encode(text)) == text.strip()


@given(tokens=st.lists(st.integers(0, 3)))
def test_every_token_belongs_to_one_word(tokens: list[int]) -> None:
    groups = table(SPACE + b"a", b"b", SPACE, b"</s>").group_words(tokens)
    assert [place for group in groups for place in group] == list(range(len(tokens)))
    assert all(len(group) for group in groups)


def test_tokens_are_found_by_their_whole_text() -> None:
    assert table(b".", b"..", b"?", b".").numbers([".", "?"]) == [0, 2, 3]
