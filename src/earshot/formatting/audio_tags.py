"""Leaving out what a recognizer writes about sounds and speakers: "[music]", "(laughter)"."""

import re
from collections.abc import Sequence
from dataclasses import replace

from earshot.transcript.punctuation import SENTENCE_MARKS
from earshot.transcript.words import Word

MAX_WORDS = 6  # of a tag; a bracket that closes later, or never, opens none
_CLOSING = {"[": "]", "(": ")", "<": ">", "\u266a": "\u266a", "*": "*"}
# What is sounding, where round brackets could also hold what is said in passing.
_SOUND = re.compile(
    r"music|laugh|applau|cheer|cough|sigh|nois|silence|inaudible|unintelligible|indistinct|sneez"
    r"|crosstalk|chuckl|breath|crying|ringing|beep|singing|static|click|gasp|groan|clears|blank"
    r"|audio|foreign language|speaking in|^speaker\b",
    re.IGNORECASE,
)


def remove_audio_tags(words: Sequence[Word]) -> list[Word]:
    """The words of one channel without tags; a full stop behind one goes to the word before it."""
    kept: list[Word] = []
    index = 0
    while index < len(words):
        n_words = _count_tag_words(words, index)
        if not n_words:
            kept.append(words[index])
            index += 1
            continue
        index += n_words
        mark = _mark_behind(words[index - 1].text)
        if mark and kept and not kept[-1].text.endswith(SENTENCE_MARKS):
            kept[-1] = replace(kept[-1], text=kept[-1].text.rstrip(",") + mark)
    return kept


def _count_tag_words(words: Sequence[Word], start: int) -> int:
    """How many words the tag has that begins with this one; 0 if none does."""
    closing = _CLOSING.get(words[start].text[:1])
    if closing is None:
        return 0
    for n_words in range(1, min(MAX_WORDS, len(words) - start) + 1):
        text = " ".join(word.text for word in words[start : start + n_words])
        end = text.find(closing, 1)
        if end > 0:
            is_whole = not text[end + 1 :].strip("".join(SENTENCE_MARKS) + ",:;")
            return n_words if is_whole and _is_tag(text[0], text[1:end]) else 0
    return 0


def _is_tag(opening: str, content: str) -> bool:
    """Square brackets and notes are not spoken; other brackets have to name a sound."""
    return opening in "[\u266a" or _SOUND.search(content.strip()) is not None


def _mark_behind(text: str) -> str:
    mark = text[-1:]
    return mark if mark in SENTENCE_MARKS else ""
