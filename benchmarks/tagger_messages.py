"""Messages that people wrote (`hutto_tweets`, `surge_toxicity`, both MIT), with names marked.

The names were marked for Earshot; `tagger_messages.txt` has their places. Unlike in texts that were
marked by a list of phrases, whatever is not marked here names nobody.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import unescape
from pathlib import Path
from random import Random

from benchmarks.tagger_sentences import NOTHING, UNKNOWN, Sentence, listed, read_lines

_FILES = {"tweets": "sentiment/hutto_tweets.jsonl", "comments": "moderation/surge_toxicity.jsonl"}
# Of the comments only these, and of the insults before them those that name somebody.
_FIRST_COMMENT = 246
_LONGEST = 215  # letters that were read when names were marked
_ACCOUNTS = listed("""
    mike_92 the_real_sue jennyb bigdog77 CoffeeLover TechGuru anna_k mrsmith sunnyday2 NYCgirl
    xX_mark_Xx dj_flow kittycat88 Tom_R lisa
    """)
# What stands by itself where marks are words of their own: addresses, accounts, words, marks.
_PIECE = re.compile(r"https?://\S+|[@#]\w+|\w+(?:\.\w+)+\.?|\w+|[^\w\s]+")

Mark = tuple[str, range]  # type and places of words


def read_messages(data: Path) -> dict[str, list[Sentence]]:
    """By set its messages, with accounts and addresses in place of what stood for them."""
    marks = _read_marks()
    return {
        name: [
            _mark(text, marks.get((name, number), []), Random(f"{name} {number}"))
            for number, text in _read_texts(data, name)
            if name == "tweets" or number >= _FIRST_COMMENT or (name, number) in marks
        ]
        for name in _FILES
    }


def _read_texts(data: Path, name: str) -> Iterator[tuple[int, str]]:
    lines = (data / "text" / _FILES[name]).read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        text = unescape(str(json.loads(line)["text"]))
        if name == "comments":
            text = text[:_LONGEST].rpartition(" ")[0]
        if text.split():
            yield number, text


def _read_marks() -> dict[tuple[str, int], list[Mark]]:
    found: dict[tuple[str, int], list[Mark]] = {}
    for line in read_lines("tagger_messages.txt"):
        row, *parts = line.split("|")
        name, number = row.split()
        marks = found.setdefault((name, int(number)), [])
        for part in parts:
            entity_type, _, places = part.partition(": ")
            marks += [(entity_type, _span(place)) for place in places.split()]
    return found


def _span(place: str) -> range:
    """The words from "3" to "3", or from "3-5" to "5"."""
    first, _, last = place.partition("-")
    return range(int(first), int(last or first) + 1)


def _mark(text: str, marks: Sequence[Mark], rng: Random) -> Sentence:
    words = text.split()
    tags = [NOTHING] * len(words)
    for entity_type, span in marks:
        for index in span:
            lead = "B" if index == span.start else "I"
            tags[index] = UNKNOWN if entity_type == UNKNOWN else f"{lead}-{entity_type}"
    return Sentence(tuple(_fill_in(word, rng) for word in words), tuple(tags))


def _fill_in(word: str, rng: Random) -> str:
    if "@anonymous" in word:
        return word.replace("@anonymous", "@" + rng.choice(_ACCOUNTS))
    page = "".join(rng.choice("abcdefgXYZ123") for _ in range(7))
    return word.replace("url_removed", f"t.co/{page}")


def split_marks(sentence: Sentence) -> Sentence:
    """As some corpora are written, where marks are words of their own: "it ' s" for "it's"."""
    words: list[str] = []
    tags: list[str] = []
    for word, tag in zip(sentence.words, sentence.tags, strict=True):
        begun = False
        for piece in _PIECE.findall(word):
            is_mark = re.search(r"\w", piece) is None
            words.append(piece)
            if tag in (NOTHING, UNKNOWN):
                tags.append(tag)
            elif is_mark or (begun and piece == "s"):
                tags.append(UNKNOWN if piece in "'\u2019#&+-" else NOTHING)
            else:
                tags.append(f"I{tag[1:]}" if begun else tag)
                begun = True
    return replace(sentence, words=tuple(words), tags=tuple(tags))
