"""Moonshine's vocabulary: token numbers to timed words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import Self

from earshot.transcript.words import Word

_DOUBLE_MARKS = re.compile(r"([,;:])\1+")  # a slip of the model: "In short,, the"
WORD_START = "▁".encode()  # U+2581 marks the space before a word


@dataclass(frozen=True, slots=True)
class TokenTable:
    """The bytes of each token, by number; specials (`<...>`) are empty."""

    pieces: tuple[bytes, ...]

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

    def words(
        self,
        tokens: Sequence[int],
        times_ms: Sequence[tuple[int, int]],
        logprobs: Sequence[float],
    ) -> tuple[Word, ...]:
        """The words that the tokens spell, sub-word tokens merged.

        A word's confidence is the geometric mean of its tokens' probabilities.
        """
        groups: list[list[int]] = []
        for index, token in enumerate(tokens):
            if not groups or self.pieces[token].startswith(WORD_START):
                groups.append([])
            groups[-1].append(index)
        words = []
        for group in groups:
            spelled = b"".join(self.pieces[tokens[index]] for index in group)
            text = spelled.replace(WORD_START, b" ").decode("utf-8", errors="replace").strip()
            text = _DOUBLE_MARKS.sub(r"\1", text)
            if text:
                mean_logprob = sum(logprobs[index] for index in group) / len(group)
                start_ms, end_ms = times_ms[group[0]][0], times_ms[group[-1]][1]
                words.append(Word(text, start_ms, end_ms, round(exp(mean_logprob), 5)))
        return tuple(words)
