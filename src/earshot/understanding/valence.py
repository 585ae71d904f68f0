"""How good or bad each word of a text is felt to be: VADER's ratings, by rules after VADER's.

Words, ratings and the figures of the rules are those of cjhutto/vaderSentiment (MIT, Copyright (c)
2016 C.J. Hutto), in `lexicons/vader.txt`; Hutto & Gilbert, "VADER: A Parsimonious Rule-based Model
for Sentiment Analysis of Social Media Text", ICWSM 2014. To them come words of our own, in
`sentiment_words.txt`, which also says which of the rated ones are empty in talk.
"""

import math
import re
import string
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Self

STRONGER, WEAKER = "stronger", "weaker"
_LONGEST_PHRASE = 3  # words
_NEGATION = re.compile(
    r"no|not|none|never|nobody|nothing|nowhere|neither|nor|nope|without|cannot|rarely|seldom|despite"
    r"|.*n't|(?:ai|are|ca|could|did|does|do|had|has|have|is|might|must|need|should|was|were|wo"
    r"|would)nt"
)
OWN_RATING = 2.0  # of our own words, one and all
_FILE = "lexicons/vader.txt"
_OWN_FILE = "sentiment_words.txt"
_NEGATED = -0.74  # times: "not good" is less bad than "good" is good
_STRESS = 0.293  # what "very" adds, and "slightly" takes away
_CAPITALS = 0.733  # what a word in capitals adds where others are not
_WEAKER_WITH_DISTANCE = (1.0, 0.95, 0.9)  # of what stands one, two and three words before
_BEFORE_BUT, _AFTER_BUT = 0.5, 1.5
_EXCLAMATION, _MOST_EXCLAMATIONS = 0.292, 4
_NORM = 15  # of the compound: about the largest sum squared that occurs
_GAPS = re.compile(r"\.{2,}|[\u2013\u2014]|--+")


@dataclass(frozen=True, slots=True)
class Valence:
    """What the words of a text say, each by itself and stressed or negated by those before."""

    words: tuple[float, ...]  # -4 to 4 and a little beyond; 0 for most
    emphasis: float  # of exclamation marks

    @property
    def good(self) -> float:
        return sum(one for one in self.words if one > 0)

    @property
    def bad(self) -> float:
        return -sum(one for one in self.words if one < 0)

    @property
    def compound(self) -> float:
        """-1 to 1, as VADER counts it."""
        total = sum(self.words)
        total += self.emphasis * ((total > 0) - (total < 0))
        return total / math.sqrt(total**2 + _NORM)


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """What is known of words, phrases and emoticons, all in lower case."""

    ratings: dict[str, float]
    stress: dict[str, float]  # what words such as "very" add to the rated ones after them
    phrase_starts: frozenset[str]  # the first words of what has several

    @classmethod
    def of_lines(cls, lines: Sequence[str]) -> Self:
        """Lines are entries between tabs, after what they have in common; "# " is a comment."""
        ratings: dict[str, float] = {}
        stress: dict[str, float] = {}
        for label, *entries in (one.split("\t") for one in lines if not one.startswith("#")):
            if label in (STRONGER, WEAKER):
                stress |= dict.fromkeys(entries, _STRESS if label == STRONGER else -_STRESS)
            else:
                ratings |= dict.fromkeys(entries, float(label))
        phrases = [one for one in (*ratings, *stress) if " " in one]
        return cls(ratings, stress, frozenset(one.split()[0] for one in phrases))

    def knows(self, entry: str) -> bool:
        return entry in self.ratings or entry in self.stress


@cache
def load_lexicon() -> Lexicon:
    """The lexicon that comes with this package: VADER's, with our own words."""
    lexicon = Lexicon.of_lines(_read_lines(_FILE))
    for word, feeling in words_of_feeling().items():
        if not lexicon.knows(word):
            lexicon.ratings[word] = OWN_RATING if feeling else -OWN_RATING
    for word in _own_words()["O"]:
        del lexicon.ratings[word]
    return lexicon


@cache
def words_of_feeling() -> dict[str, int]:
    """Word -> 0 of a bad feeling, 1 of a good one: a list of our own."""
    own = _own_words()
    return dict.fromkeys(own["P"], 1) | dict.fromkeys(own["N"], 0)


def _own_words() -> dict[str, list[str]]:
    """P: of a good feeling, N: of a bad one, O: rated by VADER, but empty in talk."""
    found: dict[str, list[str]] = {"P": [], "N": [], "O": []}
    for label, *words in (line.split() for line in _read_lines(_OWN_FILE)):
        if label in found:
            found[label] += words
    return found


def _read_lines(name: str) -> list[str]:
    return (files("earshot.understanding") / name).read_text(encoding="utf-8").splitlines()


def valence_of(text: str) -> Valence:
    words = _words_of(text)
    lowered = [word.lower() for word in words]
    n_shouted = sum(word.isupper() for word in words)
    some_are_shouted = 0 < n_shouted < len(words)
    found = [
        _valence_at(lowered, place, is_shouted=some_are_shouted and word.isupper())
        for place, word in enumerate(words)
    ]
    if "but" in lowered:
        turn = lowered.index("but")
        found = [
            one * (_BEFORE_BUT if place < turn else _AFTER_BUT) for place, one in enumerate(found)
        ]
    return Valence(tuple(found), _EXCLAMATION * min(text.count("!"), _MOST_EXCLAMATIONS))


def _valence_at(words: Sequence[str], place: int, *, is_shouted: bool) -> float:
    lexicon, word = load_lexicon(), words[place]
    if word not in lexicon.ratings or word in lexicon.stress:
        return 0.0
    stress = is_shouted * _CAPITALS
    before = words[max(0, place - len(_WEAKER_WITH_DISTANCE)) : place][::-1]
    for one, weakened in zip(before, _WEAKER_WITH_DISTANCE, strict=False):
        if one not in lexicon.ratings:
            stress += weakened * lexicon.stress.get(one, 0.0)
    rating = lexicon.ratings[word]
    stressed = rating + (stress if rating > 0 else -stress)
    return float(stressed * _NEGATED ** _count_negations(before))


def _count_negations(before: Sequence[str]) -> int:
    """`before` are the words before one that is rated, the nearest first."""
    if "without" in before and "doubt" in before:
        return 0
    n_found = sum(_NEGATION.fullmatch(one) is not None for one in before)
    if "never" in before and before[0] in {"so", "this"}:
        n_found -= 1  # "never so good" is good
    if before and before[0] == "least" and not {"at", "very"} & set(before[1:2]):
        n_found += 1
    return n_found


def _words_of(text: str) -> list[str]:
    """The words, phrases and emoticons of the text, without marks around them."""
    tokens = [_bare(token) for token in _GAPS.sub(" ", text.replace("\u2019", "'")).split()]
    tokens = [token for token in tokens if token]
    found: list[str] = []
    place = 0
    while place < len(tokens):
        n_words = _count_words_at(tokens, place)
        found.append(" ".join(tokens[place : place + n_words]))
        place += n_words
    return found


def _bare(token: str) -> str:
    for one in (token, token.rstrip(".,!?")):
        if load_lexicon().knows(one.lower()):
            return one
    return token.strip(string.punctuation)


def _count_words_at(tokens: Sequence[str], place: int) -> int:
    """How many words the phrase has that begins here; one, if it is none."""
    lexicon = load_lexicon()
    if tokens[place].lower() in lexicon.phrase_starts:
        for n_words in range(min(_LONGEST_PHRASE, len(tokens) - place), 1, -1):
            if lexicon.knows(" ".join(tokens[place : place + n_words]).lower()):
                return n_words
    return 1
