"""Secrets right behind the word that names them: "password hunter two", "username jane"."""

import re
from collections.abc import Iterator

from earshot.understanding.entities.candidates import Candidate, Evidence, compile_pattern
from earshot.understanding.entities.cues import PASSWORD, USER
from earshot.understanding.entities.reading import Reading
from earshot.understanding.stop_words import STOP_WORDS

_NAMES = {
    PASSWORD: compile_pattern(r"\bpass[ ]?(?:word|code|phrase)[,:]?[ ](?=\w)"),
    USER: compile_pattern(r"\b(?:user[ ]?(?:name|id)|screen[ ]name)[,:]?[ ](?=\w)"),
}
# What is said of passwords and of users, and is none.
_ABOUT_LISTED = """
    account accounts attempt attempts authentication box case change changed changes changing
    checker contains correct data email entry error expire expired expires expiring fails failed
    field file form generator hash hashes hint incorrect invalid issue issues length link list login
    longer manager managers missing number option page password passcode passwords policies policy
    problem problems prompt protect protected protection recovery required requirement requirements
    requires reset resets resetting rotation rules safe screen secure security sent setting settings
    sharing storage strength strong taken together user username usernames vault verification weak
    wrong
    """
_ABOUT = frozenset(_ABOUT_LISTED.split())
_TOKEN = re.compile(r"[^ ]+")
_MARKS = ".,;:?!'\"()"
_ENDS = (".", ",", ";", ":", "?", "!")
_MAX_WORDS = 3
_MAX_NUMBERS = 8  # behind the words


def suspect_bare(reading: Reading) -> Iterator[Candidate]:
    """The words behind the name, as far as they may be made up, and the numbers behind those."""
    for entity_type, name in _NAMES.items():
        for match in name.finditer(reading.text):
            end = _end_of_secret(reading.text, match.end())
            if end > match.end():
                yield Candidate(entity_type, match.end(), end, Evidence.DOUBT)


def _end_of_secret(text: str, start: int) -> int:
    end, n_words, n_numbers = start, 0, 0
    for token in _TOKEN.finditer(text, start):
        word = token[0].strip(_MARKS).lower()
        if any(character.isdigit() for character in word):
            n_numbers += 1
        elif n_numbers or word in STOP_WORDS or word in _ABOUT:
            break
        else:
            n_words += 1
        if n_words > _MAX_WORDS or n_numbers > _MAX_NUMBERS:
            break
        end = token.end() - (len(token[0]) - len(token[0].rstrip(_MARKS)))
        if token[0].endswith(_ENDS):
            break
    return end
