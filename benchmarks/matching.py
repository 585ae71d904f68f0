"""Which of the heard words were really said: pairs of reference and heard words."""

from collections.abc import Sequence

import jiwer

from earshot.evaluation.scoring import normalise


def match_words(said: Sequence[str], heard: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of indices (said, heard) of the words that were heard right, in order.

    Words are compared one by one after normalisation. One that is written as several, as "don't" is
    ("do not"), is right if all of them are; one of which nothing is left ("um") is in no pair.
    """
    said_pieces, heard_pieces = _pieces(said), _pieces(heard)
    if not said_pieces or not heard_pieces:
        return []
    edits = jiwer.process_words(
        " ".join(piece for _, piece in said_pieces), " ".join(piece for _, piece in heard_pieces)
    )
    right: dict[int, list[int]] = {}
    for chunk in edits.alignments[0]:
        if chunk.type == "equal":
            for said_at, heard_at in zip(
                range(chunk.ref_start_idx, chunk.ref_end_idx),
                range(chunk.hyp_start_idx, chunk.hyp_end_idx),
                strict=True,
            ):
                right.setdefault(heard_pieces[heard_at][0], []).append(said_pieces[said_at][0])
    n_pieces = [0] * len(heard)
    for index, _ in heard_pieces:
        n_pieces[index] += 1
    return [(at[0], index) for index, at in sorted(right.items()) if len(at) == n_pieces[index]]


def _pieces(words: Sequence[str]) -> list[tuple[int, str]]:
    """The normalised words, each with the index of the word that it comes from."""
    return [(index, piece) for index, word in enumerate(words) for piece in normalise(word).split()]
