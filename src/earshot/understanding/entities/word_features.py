"""What is known of a word for the tagger besides its state: its shape, its letters, its lists."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from zlib import crc32

import numpy as np
import numpy.typing as npt

from earshot.transcript.punctuation import APOSTROPHES, CLOSERS, OPENERS
from earshot.understanding.entities.closed_classes import read_lexicon

N_BUCKETS = 4096  # of hashed pieces of words
N_PIECES = 24  # at most of one word; the rest says little
# Lists in `lexicons/`; a phrase of one flags its first word and the words behind it.
LISTS = (
    "given_names.txt",
    "surnames.txt",
    "places.txt",
    "cities.txt",
    "organizations.txt",
    "occupations.txt",
    "events.txt",
    "drugs.txt",
    "conditions.txt",
    "procedures.txt",
    "injuries.txt",
)
_SHAPES = 16
N_FLAGS = _SHAPES + 2 * len(LISTS)
_TRAILING = CLOSERS + ".,;:?!\u2026\u2013\u2014-"
_POSSESSIVE = re.compile(rf"(?<=\w)[{APOSTROPHES}]s?$")
_STARTING = (".", "?", "!", "\u2026")

Flags = npt.NDArray[np.float32]
Pieces = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class WordFeatures:
    """Of n words: `flags` (n, N_FLAGS), and `pieces` (n, N_PIECES), filled up with -1."""

    flags: Flags
    pieces: Pieces


def describe_words(texts: Sequence[str]) -> WordFeatures:
    keys = [key_of(text) for text in texts]
    flags = np.zeros((len(texts), N_FLAGS), dtype=np.float32)
    pieces = np.full((len(texts), N_PIECES), -1, dtype=np.int32)
    flags[:, :_SHAPES] = _shapes(texts)
    for index, column in _listed(keys):
        flags[index, _SHAPES + column] = 1
    for index, key in enumerate(keys):
        buckets = _buckets(key)
        pieces[index, : len(buckets)] = buckets
    return WordFeatures(flags, pieces)


def key_of(text: str) -> str:
    """The word in lower case, without the marks around it and without its "'s"."""
    core = text.rstrip(_TRAILING).lstrip(OPENERS)
    return _POSSESSIVE.sub("", core).lower().replace("\u2019", "'") or text.lower()


def _shapes(texts: Sequence[str]) -> Flags:
    """How the words are written, (n, _SHAPES): where nobody wrote a capital, that says nothing."""
    cores = [text.rstrip(_TRAILING).lstrip(OPENERS) for text in texts]
    capitals = [core[:1].isupper() and core != "I" and core[:2] != "I'" for core in cores]
    n_capitals = sum(capitals)
    cased, shouted = n_capitals > 0, n_capitals > 0.7 * len(texts) and len(texts) > 3
    rows = np.zeros((len(texts), _SHAPES), dtype=np.float32)
    for index, (text, core) in enumerate(zip(texts, cores, strict=True)):
        before = texts[index - 1] if index else "."
        starts = before.rstrip(CLOSERS).endswith(_STARTING)
        rows[index] = (
            capitals[index] and not starts,
            capitals[index] and starts,
            core.isupper() and len(core) > 1,
            len(core) > 2 and core[1:].lower() != core[1:] and not core.isupper(),
            len(core) == 1 and core.isalpha(),
            core.isdigit(),
            any(c.isdigit() for c in core) and not core.isdigit(),
            "-" in core[1:-1],
            "." in core[1:-1],
            _POSSESSIVE.search(core) is not None,
            text.endswith(","),
            text.rstrip(CLOSERS).endswith(_STARTING),
            starts,
            before.endswith(","),
            cased,
            shouted,
        )
    return rows


def _buckets(key: str) -> list[int]:
    """The word as a whole, its beginnings and ends, and what it has of three and four letters."""
    marked = f"<{key}>"
    parts = [f"={key}", f"^{key[:2]}", f"^{key[:3]}", f"{key[-2:]}$", f"{key[-3:]}$"]
    parts += [marked[i : i + n] for n in (4, 3) for i in range(len(marked) - n + 1)]
    return [crc32(part.encode()) % N_BUCKETS for part in parts[:N_PIECES]]


@cache
def _phrases() -> dict[str, dict[tuple[str, ...], tuple[int, ...]]]:
    """By first word the phrases of the lists, with the numbers of the lists that have them."""
    found: dict[str, dict[tuple[str, ...], tuple[int, ...]]] = {}
    for number, name in enumerate(LISTS):
        for term in read_lexicon(name):
            words = tuple(key_of(word) for word in term.split())
            by_phrase = found.setdefault(words[0], {})
            by_phrase[words] = (*by_phrase.get(words, ()), number)
    return found


def find_listed(texts: Sequence[str], types: Mapping[str, str]) -> Iterator[tuple[str, int, int]]:
    """The type of a list, first word and the one behind the last, of the longest phrases of lists.

    `types` says which lists, and of what type their phrases are.
    """
    keys = [key_of(text) for text in texts]
    wanted = {LISTS.index(name): entity_type for name, entity_type in types.items()}
    index = 0
    while index < len(keys):
        best = ("", index, index + 1)
        for phrase, numbers in _phrases().get(keys[index], {}).items():
            end = index + len(phrase)
            types_here = [wanted[number] for number in numbers if number in wanted]
            is_longer = end > best[2] or not best[0]
            if types_here and is_longer and tuple(keys[index:end]) == phrase:
                best = (types_here[0], index, end)
        if best[0]:
            yield best
        index = best[2]


def _listed(keys: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Words and flags of them: two for each list, of the first word of a phrase and of the rest."""
    phrases = _phrases()
    for index, key in enumerate(keys):
        for phrase, numbers in phrases.get(key, {}).items():
            if len(phrase) == 1 or tuple(keys[index : index + len(phrase)]) == phrase:
                for number in numbers:
                    yield index, 2 * number
                    for behind in range(1, len(phrase)):
                        yield index + behind, 2 * number + 1
