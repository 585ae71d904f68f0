"""Words as they are counted: without marks, case and endings."""

from earshot.transcript.punctuation import (
    APOSTROPHES,
    CLOSERS,
    DASHES,
    OPENERS,
    PHRASE_MARKS,
    SENTENCE_MARKS,
)
from earshot.understanding.redaction.substitutes import is_hidden
from earshot.understanding.stop_words import STOP_WORDS

_MARKS = OPENERS + CLOSERS + DASHES + "".join((*PHRASE_MARKS, *SENTENCE_MARKS))
MIN_STEM = 3


def bare(text: str) -> str:
    """The word as it is written, without the marks around it and the ending of a genitive."""
    stripped = text.strip(_MARKS)
    for apostrophe in APOSTROPHES:
        stripped = stripped.removesuffix(f"{apostrophe}s")
    return stripped


def plain(text: str) -> str:
    """The word in lower case, without marks, its apostrophes straight."""
    return text.strip(_MARKS).lower().replace("\u2019", "'")


def says_something(text: str) -> bool:
    """Whether the word, marks and all, is no grammar, no figure, and not hidden from the reader."""
    word = plain(text)
    has_letters = len(word) > 1 and any(letter.isalpha() for letter in word)
    return has_letters and word not in STOP_WORDS and not is_hidden(text)


def stem(word: str) -> str:
    """What forms of a word in lower case share: "meeting", "meetings" and "meets" are one."""
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("es", "e"), ("s", "")):
        if word.endswith(ending) and not word.endswith(("ss", "us", "is")):
            word = word[: -len(ending)] + instead
            break
    for ending in ("ingly", "edly", "ing", "ed", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= MIN_STEM:
            return _undoubled(word[: -len(ending)])
    return word[:-1] if word.endswith("e") and len(word) > MIN_STEM else word


def content_stems(text: str) -> list[str]:
    """The stems of the words that say what a text is about, in their order."""
    words = (plain(word) for word in text.split() if says_something(word))
    return [stem(word.removesuffix("'s")) for word in words]


def _undoubled(word: str) -> str:
    is_doubled = len(word) > MIN_STEM and word[-1] == word[-2] and word[-1] not in "ls"
    return word[:-1] if is_doubled else word
