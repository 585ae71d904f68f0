"""Moonshine's vocabulary: token numbers to timed words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import exp
from typing import Self

from earshot.transcript.words import Word

_DOUBLE_MARKS = re.compile(r"([,;:])\1+")  # a slip of the model: "In short,, the"
WORD_START = "▁".encode()  # U+2581 marks the space before a word


@dataclass(frozen=True, slots=True, eq=False)  # compared as objects: equal ones have 32,768 pieces
class TokenTable:
    """The bytes of each token, by number; specials (`<...>`) are empty."""

    pieces: tuple[bytes, ...]
    _numbers: dict[bytes, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        numbers = {piece: number for number, piece in enumerate(self.pieces) if piece}
        object.__setattr__(self, "_numbers", numbers)

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Parse `tokenizer.bin`: per entry a length (one byte n; from 128 on two) and the bytes.

        Source: moonshine's bin-tokenizer. A length byte n >= 128 is followed by m, and the length
        is m * 128 + n - 128.
        """
        pieces, at = [], 0
        while at < len(content):
            length = content[at]
            at += 1
            if length >= 128:
                length = content[at] * 128 + length - 128
                at += 1
            piece = content[at : at + length]
            is_special = piece.startswith(b"<") and piece.endswith(b">") and len(piece) > 2
            pieces.append(b"" if is_special else piece)
            at += length
        return cls(tuple(pieces))

    def numbers(self, texts: Sequence[str]) -> list[int]:
        """The tokens that are one of the texts."""
        pieces = {text.encode() for text in texts}
        return [number for number, piece in enumerate(self.pieces) if piece in pieces]

    def encode(self, text: str) -> list[int]:
        """The tokens that the model itself would write the text with, a space before it.

        Byte-pair encoding: of all neighbours that make a token, those that make the token of the
        lowest number are joined first. Characters without a token are spelled in bytes.
        """
        marked = WORD_START + text.replace(" ", WORD_START.decode()).encode()
        pieces = [
            piece
            for character in marked.decode()
            for piece in self._known_pieces(character.encode())
        ]
        while True:
            joined = [first + second for first, second in pairwise(pieces)]
            known = [
                (self._numbers[piece], at)
                for at, piece in enumerate(joined)
                if piece in self._numbers
            ]
            if not known:
                return [self._numbers[piece] for piece in pieces]
            _, at = min(known)
            pieces[at : at + 2] = [joined[at]]

    def _known_pieces(self, character: bytes) -> list[bytes]:
        if character in self._numbers:
            return [character]
        return [bytes([byte]) for byte in character]

    def group_words(self, tokens: Sequence[int]) -> list[range]:
        """Which tokens, by their place, spell a word each."""
        starts = [
            place
            for place, token in enumerate(tokens)
            if place == 0 or self.pieces[token].startswith(WORD_START)
        ]
        return [range(start, end) for start, end in pairwise([*starts, len(tokens)])]

    def spell(self, tokens: Sequence[int]) -> str:
        """The text of the tokens."""
        spelled = b"".join(self.pieces[token] for token in tokens)
        return spelled.replace(WORD_START, b" ").decode("utf-8", errors="replace").strip()

    def words(
        self,
        tokens: Sequence[int],
        times_ms: Sequence[tuple[int, int]],
        logprobs: Sequence[float],
    ) -> tuple[Word, ...]:
        """The words that the tokens spell, sub-word tokens merged.

        A word's confidence is the geometric mean of its tokens' probabilities.
        """
        words = []
        for group in self.group_words(tokens):
            text = _DOUBLE_MARKS.sub(r"\1", self.spell(tokens[group.start : group.stop]))
            if text:
                mean_logprob = sum(logprobs[index] for index in group) / len(group)
                start_ms, end_ms = times_ms[group[0]][0], times_ms[group[-1]][1]
                words.append(Word(text, start_ms, end_ms, round(exp(mean_logprob), 5)))
        return tuple(words)
