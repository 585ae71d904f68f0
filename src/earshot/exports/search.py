"""Finding words and phrases in a transcript."""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from earshot.errors import RequestInvalid
from earshot.transcript.punctuation import DASHES
from earshot.transcript.words import Word

MAX_TERM_WORDS = 5  # "words, numbers, phrases of up to five words"
MAX_TERM_CHARACTERS = 200

# What joins the parts of one written word: "well-known" is found by "well known".
_JOINTS = re.compile(rf"[\s/{re.escape(DASHES)}]+")


@dataclass(frozen=True, slots=True)
class Match:
    """Every place where one term was said.

    `spans_ms` are (start, end) in ms; `indexes` are those of each place's first word.
    """

    text: str
    spans_ms: tuple[tuple[int, int], ...]
    indexes: tuple[int, ...]

    @property
    def count(self) -> int:
        return len(self.indexes)


@dataclass(frozen=True, slots=True)
class _Part:
    """One of the parts that a written word falls into."""

    text: str
    word_index: int
    is_first: bool
    is_last: bool


class _Track:
    """The parts of one channel's words, and where each that begins a word is found."""

    def __init__(self, parts: Sequence[_Part]) -> None:
        self._parts = parts
        self._starts: dict[str, list[int]] = {}
        for index, part in enumerate(parts):
            if part.is_first:
                self._starts.setdefault(part.text, []).append(index)

    def find_places(self, wanted: tuple[str, ...]) -> list[tuple[int, int]]:
        """Index of the first and last word of each place, whole words only."""
        places: list[tuple[int, int]] = []
        free_from = 0
        for start in self._starts.get(wanted[0], []) if wanted else []:
            end = start + len(wanted)
            found = self._parts[start:end]
            if (
                start >= free_from
                and found[-1].is_last
                and tuple(part.text for part in found) == wanted
            ):
                places.append((found[0].word_index, found[-1].word_index))
                free_from = end
        return places


def parse_search_terms(raw: str) -> tuple[str, ...]:
    """The terms of a `words` query parameter: comma-separated, or a JSON list of strings."""
    listed = _parse_json_terms(raw) if raw.lstrip().startswith("[") else raw.split(",")
    # Before anything is made of them: the accents of one letter are put in order by comparing all.
    if any(len(term) > MAX_TERM_CHARACTERS for term in listed):
        raise RequestInvalid(
            f"words must hold phrases of at most {MAX_TERM_CHARACTERS} characters each"
        )
    terms = tuple(term.strip() for term in listed if _normalize(term))
    if not terms:
        raise RequestInvalid("words must name at least one word or phrase")
    for term in terms:
        if len(term.split()) > MAX_TERM_WORDS:
            raise RequestInvalid(f"words must hold phrases of at most {MAX_TERM_WORDS} words")
    return terms


def search_words(words: Sequence[Word], terms: Sequence[str]) -> list[Match]:
    """A match for each term that was said, in the order of the terms; the others are left out.

    Neither case nor punctuation counts. Places of one term do not overlap; a phrase stays on
    its channel. A term that repeats an earlier one is left out.
    """
    parts_by_channel: dict[int | None, list[_Part]] = {}
    for index, word in enumerate(words):
        parts_by_channel.setdefault(word.channel, []).extend(_split_word(word, index))
    tracks = [_Track(parts) for parts in parts_by_channel.values()]
    distinct: dict[tuple[str, ...], str] = {}
    for term in terms:
        distinct.setdefault(_normalize(term), term.strip())
    matches: list[Match] = []
    for wanted, text in distinct.items():
        places = sorted(place for track in tracks for place in track.find_places(wanted))
        if places:
            spans = tuple((words[first].start_ms, words[last].end_ms) for first, last in places)
            matches.append(Match(text, spans, tuple(first for first, _ in places)))
    return matches


def _parse_json_terms(raw: str) -> list[str]:
    try:
        listed: object = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise RequestInvalid(
            'words must be comma-separated or a JSON list such as ["foo","foo bar"]'
        ) from error
    if not isinstance(listed, list) or not all(
        isinstance(term, str | int | float) and not isinstance(term, bool) for term in listed
    ):
        raise RequestInvalid("words must be a JSON list of strings")
    return [str(term) for term in listed]


def _normalize(text: str) -> tuple[str, ...]:
    """The parts of a text, without case and punctuation."""
    parts = (_strip_punctuation(part) for part in _JOINTS.split(text))
    return tuple(part for part in parts if part)


def _strip_punctuation(text: str) -> str:
    """Letters, digits and what else carries meaning; the point in "3.5" stays."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = [
        char
        for index, char in enumerate(folded)
        if unicodedata.category(char)[0] not in "PZC" or _is_decimal_point(folded, index)
    ]
    return "".join(kept).strip("$€£¥")


def _is_decimal_point(text: str, index: int) -> bool:
    around = text[max(0, index - 1) : index + 2]
    return len(around) == 3 and around[1] == "." and around[0].isdigit() and around[2].isdigit()


def _split_word(word: Word, word_index: int) -> list[_Part]:
    parts = _normalize(word.text)
    last = len(parts) - 1
    return [
        _Part(part, word_index, is_first=i == 0, is_last=i == last) for i, part in enumerate(parts)
    ]
