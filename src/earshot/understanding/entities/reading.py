"""Words as one line of text in which numbers, letters and marks that were said stand as written.

"four one dash jane at example dot com" reads "4 1-jane@example.com", so that the patterns of the
other modules meet one form, whether a recognizer wrote it out or not. Every character remembers
the words that it was read from.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from earshot.transcript.words import Word
from earshot.understanding.entities.marks import Mark, end_of_label, is_domain_ahead, read_mark
from earshot.understanding.entities.spelling import is_code, read_letter
from earshot.understanding.entities.spoken_numbers import is_number_word, read_figures
from earshot.understanding.entities.tokens import Token, WordRange, split_tokens

_NUMBER = re.compile(r"[0-9]+(?:[-.][0-9]+)*")
# Abbreviations that are spelled before what they announce.
_ANNOUNCING = frozenset(
    {"aba", "csc", "cvc", "cvv", "dob", "iban", "itin", "nhs", "pin", "ssn", "vin"}
)
_LONGEST_ANNOUNCING = max(map(len, _ANNOUNCING))
_LONG_NUMBER = 5  # characters; a letter beside it belongs to it, as no amount has one
_LONG_RUN = 8  # letters and numbers, of which the first "a" is one
_LOOKBACK = 5  # tokens before a number that settle whether "oh" is a zero
_LOOKAHEAD = 14  # tokens of the longest number that is read as one
# Said between two parts of a code, by either side of a conversation.
_FILLERS_LISTED = """
    um uh uhm umm er erm ah eh hm hmm mm mhm okay ok yeah yes yep right sure then uh-huh
    alright gotcha
    """
FILLERS = frozenset(_FILLERS_LISTED.split())
_FILLERS_OF_TWO = frozenset(
    {("go", "ahead"), ("go", "on"), ("got", "it"), ("i", "see"), ("all", "right"), ("uh", "huh")}
)
_MAX_FILLERS = 20  # tokens in a row; more are no pause in a number


@dataclass(frozen=True, slots=True)
class Reading:
    """A line of text and, for each of its characters, the words it was read from."""

    text: str
    owners: tuple[WordRange, ...]

    def words_of(self, start: int, end: int) -> WordRange:
        """The words behind the characters from `start` to before `end`, which are not empty."""
        owners = self.owners[start:end]
        return WordRange(min(span.first for span in owners), max(span.end for span in owners))


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    span: WordRange
    is_code: bool = False  # a letter or a number
    is_letter: bool = False
    is_mark: bool = False
    glues_left: bool = False
    glues_right: bool = False


def read_words(words: Sequence[Word]) -> Reading:
    """The line that the words make; empty where there are none."""
    pieces = _glue_spelled(list(_read_pieces(split_tokens(words))))
    texts: list[str] = []
    owners: list[WordRange] = []
    for index, piece in enumerate(pieces):
        text = piece.text
        following = pieces[index + 1] if index + 1 < len(pieces) else None
        if following is not None and (piece.glues_right or following.glues_left):
            # Marks that say "go on": "four, dash, one". A mark that was said has none to lose.
            text = text if piece.is_mark else text.rstrip(",.")
        elif following is not None:
            text += " "
        texts.append(text)
        owners += [piece.span] * len(text)
    return Reading("".join(texts), tuple(owners))


def _read_pieces(tokens: Sequence[Token]) -> Iterator[_Piece]:
    index = 0
    domain_end = 0  # words of a host name before this token are written together
    was_code = False
    while index < len(tokens):
        if tokens[index].key == "at" and is_domain_ahead(tokens, index + 1):
            domain_end = end_of_label(tokens, index + 1)
        if was_code:
            index = _skip_fillers(tokens, index)
        piece, index = _read_piece(tokens, index)
        if index < domain_end:
            piece = replace(piece, text=piece.text.rstrip(",."), glues_right=True)
        was_code = piece.is_code or (piece.is_mark and piece.glues_right)
        yield piece


def _skip_fillers(tokens: Sequence[Token], index: int) -> int:
    """The next token of a code, where only what says nothing comes first: "four one, um, one"."""
    behind = index
    while behind < len(tokens) and behind - index < _MAX_FILLERS:
        if (tokens[behind].key, _key_at(tokens, behind + 1)) in _FILLERS_OF_TWO:
            behind += 2
        elif tokens[behind].key in FILLERS:
            behind += 1
        else:
            break
    return behind if is_code(_key_at(tokens, behind)) else index


def _key_at(tokens: Sequence[Token], index: int) -> str:
    return tokens[index].key if index < len(tokens) else ""


def _read_piece(tokens: Sequence[Token], index: int) -> tuple[_Piece, int]:
    """The piece that begins at a token, and the index behind its last token."""
    mark = read_mark(tokens, index)
    if mark is not None:
        return _piece_of_mark(tokens, index, mark), mark.end
    low = max(0, index - _LOOKBACK)
    keys = _keys_until_break(tokens, low, index)
    figures = read_figures(keys, index - low)
    if figures is not None:
        end = low + figures.end
        text = tokens[index].lead + figures.digits + tokens[end - 1].trail
        return _Piece(text, _span_of(tokens, index, end), is_code=True), end
    half_day = _read_half_day(tokens, index)
    if half_day is not None:
        return half_day, index + 2
    letter = read_letter(tokens, index)
    if letter is not None:
        text = letter.text + tokens[letter.end - 1].trail
        span = _span_of(tokens, index, letter.end)
        return _Piece(
            text, span, is_code=True, is_letter=True, glues_left=tokens[index].glues_left
        ), letter.end
    token = tokens[index]
    is_code = _NUMBER.fullmatch(token.key) is not None
    return _Piece(token.text, token.span, is_code, glues_left=token.glues_left), index + 1


def _read_half_day(tokens: Sequence[Token], index: int) -> _Piece | None:
    """Reads "p m" behind a number is the afternoon, and no part of a code."""
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    if index == 0 or following is None or following.key != "m" or tokens[index].key not in "ap":
        return None
    before = tokens[index - 1].key
    if not (is_number_word(before) or before.isdecimal() or before == "o'clock"):
        return None
    span = WordRange(tokens[index].span.first, following.span.end)
    return _Piece(tokens[index].key + "m" + following.trail, span)


def _keys_until_break(tokens: Sequence[Token], low: int, index: int) -> list[str]:
    """The keys around a token; a mark between two words ends the number."""
    keys = [token.key for token in tokens[low:index]]
    for token in tokens[index : index + _LOOKAHEAD]:
        keys.append(token.key)
        if token.trail:
            break
    return keys


def _span_of(tokens: Sequence[Token], start: int, end: int) -> WordRange:
    return WordRange(tokens[start].span.first, tokens[end - 1].span.end)


def _piece_of_mark(tokens: Sequence[Token], index: int, mark: Mark) -> _Piece:
    return _Piece(
        mark.text,
        _span_of(tokens, index, mark.end),
        is_mark=True,
        glues_left=mark.glues_left,
        glues_right=mark.glues_right,
    )


def _glue_spelled(pieces: list[_Piece]) -> list[_Piece]:
    """Letters and numbers one after the other are one code: "g b two nine" reads "gb29"."""
    glued = list(pieces)
    start = 0
    while start < len(pieces):
        end = start
        while end < len(pieces) and (pieces[end].is_code or _is_inner_mark(pieces, end)):
            end += 1
            if not pieces[end - 1].is_mark and not _goes_on(pieces[end - 1]):
                break
        first, last = _without_words(pieces, start, end)
        announcing = _n_announcing(pieces, first, last)
        if announcing:
            last = end = first + announcing
        if last - first > 1 and _is_spelled(pieces[first:last]):
            for index in range(first, last - 1):
                glued[index] = replace(
                    pieces[index], text=pieces[index].text.rstrip(","), glues_right=True
                )
        start = max(end, start + 1)
    return glued


def _n_announcing(pieces: Sequence[_Piece], first: int, last: int) -> int:
    """How many letters announce the rest of a run, of which they are no part: "c v v 1 2 3"."""
    letters = ""
    for piece in pieces[first : min(last, first + _LONGEST_ANNOUNCING)]:
        if not piece.is_letter:
            break
        letters += piece.text.rstrip(",").lower()
        if letters in _ANNOUNCING:
            return len(letters) if first + len(letters) < last else 0
    return 0


def _is_inner_mark(pieces: Sequence[_Piece], index: int) -> bool:
    return pieces[index].is_mark and pieces[index].glues_left and pieces[index].glues_right


def _goes_on(piece: _Piece) -> bool:
    """Whether a code may go on behind a piece: nothing but a comma follows it."""
    return piece.text[-1].isalnum() or piece.text.endswith(",")


def _without_words(pieces: Sequence[_Piece], start: int, end: int) -> tuple[int, int]:
    """The run without "a" or "I" beside a number at its ends: "a 4 x 4", "it is 4 1 i think"."""
    is_long = end - start >= _LONG_RUN and pieces[start].text == "a"
    if end - start > 1 and _is_word(pieces[start]) and not (is_long or pieces[start + 1].is_letter):
        start += 1
    if end - start > 1 and _is_word(pieces[end - 1]) and not pieces[end - 2].is_letter:
        end -= 1
    return start, end


def _is_word(piece: _Piece) -> bool:
    return piece.is_letter and piece.text in ("a", "i")


def _is_spelled(run: Sequence[_Piece]) -> bool:
    letters = [piece for piece in run if piece.is_letter]
    if len(letters) == 1 and _is_word(letters[0]):
        return run[0] is letters[0] and len(run) >= _LONG_RUN
    numbers = [piece.text for piece in run if piece.is_code and not piece.is_letter]
    return len(letters) >= 2 or (
        len(letters) == 1 and (len(numbers) > 1 or any(len(n) >= _LONG_NUMBER for n in numbers))
    )
