"""Words of closed classes: languages, nations, faiths, parties; and those that need a cue."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from earshot.understanding.entities.candidates import (
    Candidate,
    Evidence,
    compile_pattern,
    find_pattern,
)
from earshot.understanding.entities.reading import Reading

# Lists in `lexicons/`, by the type that their words are of. Of two types with the same word, the
# first is shown and both are hidden.
_LISTS = (
    ("nationality", "nationalities.txt"),
    ("language", "languages.txt"),
    ("religion", "religions.txt"),
    ("political_affiliation", "politics.txt"),
    ("gender_sexuality", "genders.txt"),
    ("marital_status", "marital.txt"),
    ("zodiac_sign", "zodiac.txt"),
)
# What a word means before or behind others: "a conservative estimate", "trans fat".
_NOT_BEHIND: Mapping[str, str] = {
    "political_affiliation": r"""
        (?![ ](?:arts|estimates?|approach|guess|growth|assumptions?|values?))
        """,
    "gender_sexuality": r"(?![ ](?:fats?|connectors?|plugs?|atlantic))",
    "religion": r"",
    "nationality": r"(?![ ](?:fries|dressing|toast|express|airlines|dream|football))",
    "marital_status": r"(?![ ]to[ ](?:the[ ]idea|it|this)|'s[ ]degree|[ ](?:degree|party|courts?))",
}
_SAID_LANGUAGE = r"""
    \b(?:speak(?:s|ing)?|spoke|spoken|in|into|learn(?:s|ing|ed)?|native|understands?|knows?
    |teach(?:es)?|study|studied|studies|translat\w+[ ](?:to|from|into))
    [ ](?:fluent[ ]|some[ ]|good[ ]|a[ ]little[ ]|both[ ]|only[ ])?(?P<it>{terms})\b
    (?![ ](?:people|food|president|government|law|history|culture|politics))
    """
_NAMED_LANGUAGE = r"""
    (?<!\w)(?P<it>{terms})[ -](?:language|speak(?:er|ers|ing)|translat\w+|lessons?|class(?:es)?
    |grammar
    |accent|interpreters?)\b
    """
_CUED: tuple[tuple[str, str], ...] = (
    (
        "zodiac_sign",
        r"\b(?:(?:star|zodiac|sun|birth|moon)[ ]?sign|sign|zodiac|horoscope|astrolog\w+)"
        r"[^.?!]{0,40}?\b(?P<it>cancer|leo)\b",
    ),
    ("zodiac_sign", r"\b(?:i'm|i[ ]am|he's|she's|born)[ ](?:a|an|under)[ ](?P<it>leo)\b"),
    (
        "marital_status",
        r"""
            \b(?:i'm|i[ ]am|he's|she's|he[ ]is|she[ ]is|was|were|marital[ ]status(?:[ ]is)?:?
            |currently
            """
        r"|still|recently|are|got|been)[ ](?P<it>single|separated|engaged)"
        r"(?=[.,!?;]|$|[ ](?:and|but|with|now|from[ ]my|to[ ]my|again|or|right|for|since)\b)",
    ),
    (
        "gender_sexuality",
        r"""
            \b(?:i'm|i[ ]am|he's|she's|as|identif(?:y|ies)[ ]as)[ ](?P<it>straight|bi)(?=[.,!?;]
            |$|[ ](?:and|but)\b)
            """,
    ),
    (
        "blood_type",
        r"""
            (?<![\w+-])(?P<it>(?:ab[ -]?|(?:type[ ])?[ob][ -]?)(?:(?:positive|negative)\b
            |[ ]?(?:pos|neg)\b))
            """,
    ),
    ("blood_type", r"(?<![\w+-])(?P<it>(?-i:AB|O)[+-])(?![\w-])"),
    (
        "blood_type",
        r"\b(?:blood|donor|transfusion|type)\b[^.?!]{0,40}?(?<![\w+-])"
        r"(?P<it>(?:ab|a|b|o)(?:[+-](?!\w)|[ -]?(?:plus|minus|positive|negative|pos|neg)\b))",
    ),
    (
        "blood_type",
        r"""
            \bblood[ ](?:type|group)(?:[ ](?:is|was)|:)?[ ](?:type[ ])?(?P<it>ab|a|b|o
            |0)(?![\w'+-]|[ ](?:positive|negative))
            """,
    ),
    ("blood_type", r"(?<![\w+-])(?P<it>a[ -]?(?:positive|negative)|a[+-])(?=[ ]blood)"),
)
_CUED_PATTERNS = tuple((entity_type, compile_pattern(pattern)) for entity_type, pattern in _CUED)
# Everyday words when nobody wrote them with a capital.
_NAMES_ONLY = frozenset({"polish", "finn", "dane", "swede", "roma", "lucian", "thai", "tory"})

# What only its neighbours tell, with other words between: its type, they, how many characters
# behind them, and it.
_DOUBTFUL: tuple[tuple[str, re.Pattern[str], int, re.Pattern[str]], ...] = (
    (
        "marital_status",
        compile_pattern(r"\b(?:i'm|i[ ]am|s?he's|s?he[ ]is|was|were|status|still|are|got|been)[ ]"),
        100,
        compile_pattern(r"\b(?:single|separated|engaged)\b(?![ ](?:of|file|in|with)\b)"),
    ),
    (
        "blood_type",
        compile_pattern(r"\b(?:blood|donor|transfusion)\b"),
        300,
        compile_pattern(
            r"(?<![a-z+-])(?:ab|a|b|o|0)"
            r"(?:[+-](?!\w)|[ -]?(?:plus|minus|positive|negative|pos|neg)\b)"
        ),
    ),
)


def read_lexicon(name: str) -> tuple[str, ...]:
    """The terms of a list, longest first; lines that begin with # tell where it is from."""
    text = (files(__package__) / "lexicons" / name).read_text(encoding="utf-8")
    terms = [line for line in text.splitlines() if line and not line.startswith("#")]
    return tuple(sorted(terms, key=lambda term: (-len(term), term)))


@cache
def _alternatives(name: str) -> str:
    """A list as one verbose expression: blanks kept, words with or without a hyphen."""
    escaped = (re.escape(term).replace(r"\ ", "[ ]") for term in read_lexicon(name))
    return "(?:" + "|".join(term.replace(r"\-", "[ -]") for term in escaped) + ")"


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (
            entity_type,
            compile_pattern(
                rf"(?<![\w@./-])(?P<it>{_alternatives(name)}(?:es|s)?)(?![\w@]|[./-]\w)"
                + _NOT_BEHIND.get(entity_type, "")
            ),
        )
        for entity_type, name in _LISTS
    )


@cache
def _language_patterns() -> tuple[re.Pattern[str], ...]:
    terms = _alternatives("languages.txt")
    return tuple(compile_pattern(p.format(terms=terms)) for p in (_SAID_LANGUAGE, _NAMED_LANGUAGE))


def find_terms(reading: Reading) -> Iterator[Candidate]:
    for pattern in _language_patterns():
        yield from find_pattern(reading, pattern, "language", Evidence.FORM)
    for entity_type, pattern in _patterns():
        yield from find_pattern(reading, pattern, entity_type, Evidence.TERM, _is_meant)
    for entity_type, pattern in _CUED_PATTERNS:
        yield from find_pattern(reading, pattern, entity_type, Evidence.CUE)


def suspect_terms(reading: Reading) -> Iterator[Candidate]:
    """Words that mean something of a person only among others."""
    for entity_type, cue, reach, term in _DOUBTFUL:
        told = [match.end() for match in cue.finditer(reading.text)]
        for match in term.finditer(reading.text) if told else ():
            nearest = bisect_right(told, match.start()) - 1
            if nearest >= 0 and match.start() - told[nearest] <= reach:
                yield Candidate(entity_type, *match.span(), Evidence.DOUBT)


def _is_meant(text: str) -> bool:
    return text not in _NAMES_ONLY
