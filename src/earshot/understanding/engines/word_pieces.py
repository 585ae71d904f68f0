"""Texts as the pieces of words that BERT's vocabulary has, lower case and without accents."""

from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

FIRST, LAST, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
MAX_PIECE_CHARS = 100  # a longer word is unknown


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces of a text by their numbers; `starts` and `ends` are offsets of its characters."""

    numbers: tuple[int, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]


class WordPieces:
    """Cuts texts into pieces; shared between threads."""

    def __init__(self, vocabulary: Path) -> None:
        """`vocabulary` has a piece on each line, by number."""
        lines = vocabulary.read_text(encoding="utf-8").splitlines()
        numbers = {piece: number for number, piece in enumerate(lines)}
        self.first, self.last = numbers[FIRST], numbers[LAST]
        model = WordPiece(numbers, unk_token=UNKNOWN, max_input_chars_per_word=MAX_PIECE_CHARS)
        self._tokenizer = Tokenizer(model)
        self._tokenizer.normalizer = BertNormalizer(lowercase=True)
        self._tokenizer.pre_tokenizer = BertPreTokenizer()

    def cut(self, text: str) -> Pieces:
        """The pieces of the text, without the two that mark its ends."""
        # One text at a time: batches are spread over threads that the library starts, and warns of
        # whenever the process forks.
        found = self._tokenizer.encode(text, add_special_tokens=False)
        starts = tuple(start for start, _ in found.offsets)
        return Pieces(tuple(found.ids), starts, tuple(end for _, end in found.offsets))
