"""Letters that were said one by one: "b", "double u", "b as in boy", "bravo"."""

from collections.abc import Sequence
from typing import NamedTuple

from earshot.understanding.entities.spoken_numbers import is_number_word
from earshot.understanding.entities.tokens import Token

# The ICAO alphabet, and its letters as they are also spelled.
_ALPHABET_LISTED = """
    alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike
    november oscar papa quebec romeo sierra tango uniform victor whiskey whisky xray x-ray yankee
    zulu
    """
_ALPHABET = {name: name[0] for name in _ALPHABET_LISTED.split()}
_LETTER_NAMES = {"zed": "z", "zee": "z"}
_LIKENESSES = ("for", "like")


class Letter(NamedTuple):
    """A letter or "www", and the index behind its last token."""

    text: str
    end: int


def is_code(key: str) -> bool:
    """Whether a token may be part of something spelled: a letter, a number, a letter's name."""
    return is_letter(key) or is_number_word(key) or key.isdecimal() or key in _CODE_WORDS


def is_letter(key: str) -> bool:
    return len(key) == 1 and key.isascii() and key.isalpha()


_CODE_WORDS = frozenset({"double", "triple", "oh"})


def read_letter(tokens: Sequence[Token], index: int) -> Letter | None:
    """The letter that is said at a token; None where it is none."""
    key = tokens[index].key
    following = _key(tokens, index + 1)
    if key == "double" and following in ("u", "you"):
        return Letter("w", index + 2)
    if key == "triple" and following in ("w", "u"):
        return Letter("www", index + 2)
    if is_letter(key):
        return Letter(key, _end_of_likeness(tokens, index))
    if key in _LETTER_NAMES and _is_spelled_around(tokens, index):
        return Letter(_LETTER_NAMES[key], index + 1)
    if key in _ALPHABET and _is_spelled_around(tokens, index):
        return Letter(_ALPHABET[key], index + 1)
    return None


def _key(tokens: Sequence[Token], index: int) -> str:
    return tokens[index].key if 0 <= index < len(tokens) else ""


def _is_spelled_around(tokens: Sequence[Token], index: int) -> bool:
    """Whether a neighbour is a letter or a letter's name: "mike" alone is a person."""
    beside = (_key(tokens, index - 1), _key(tokens, index + 1))
    return any(
        key in _ALPHABET or (is_letter(key) and key not in ("a", "i")) or key in ("double", "dash")
        for key in beside
    )


def _end_of_likeness(tokens: Sequence[Token], index: int) -> int:
    """Behind "as in boy", "for bravo" or "like boy", where that is what a letter is told by."""
    letter = tokens[index].key
    if _key(tokens, index + 1) == "as" and _key(tokens, index + 2) == "in":
        example = _key(tokens, index + 3)
        return index + 4 if example.startswith(letter) else index + 1
    if _key(tokens, index + 1) in _LIKENESSES and letter not in ("a", "i"):
        example = _key(tokens, index + 2)
        return index + 3 if len(example) > 2 and example.startswith(letter) else index + 1
    return index + 1
