"""The words that numbers are made of, by what they count."""

_BELOW_TWENTY = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen
"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SCALES = """
thousand million billion trillion quadrillion quintillion sextillion septillion octillion
"""
_ORDINALS = """
zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth
"""

BELOW_TWENTY = {word: value for value, word in enumerate(_BELOW_TWENTY.split())}
UNITS = {word: value for word, value in BELOW_TWENTY.items() if 1 <= value <= 9}
TENS = {word: 10 * value for value, word in enumerate(_TENS.split(), start=2)}
SCALES = {word: 1000**power for power, word in enumerate(_SCALES.split(), start=1)}
DIGITS = {"zero": "0", "oh": "0", "o": "0", **{word: str(value) for word, value in UNITS.items()}}

# The last word of an ordinal, and the last word of the cardinal that it counts.
ORDINALS = {
    **dict(zip(_ORDINALS.split(), _BELOW_TWENTY.split(), strict=True)),
    **{word[:-1] + "ieth": word for word in TENS},
    **{word + "th": word for word in ("hundred", *SCALES)},
}

CARDINAL_WORDS = frozenset({*BELOW_TWENTY, *TENS, *SCALES, "hundred"})
FRACTIONS = frozenset({"half", "halves", "quarter", "quarters", *(f"{o}s" for o in ORDINALS)})


def listed(words: str) -> frozenset[str]:
    """The words of a list that is written as text."""
    return frozenset(words.split())


def is_number_word(text: str) -> bool:
    """Whether it can stand on one side of the hyphen of "twenty-one" or "two-thirds"."""
    return text in CARDINAL_WORDS or text in ORDINALS or text in FRACTIONS or text == "oh"


def starts_number(text: str) -> bool:
    """Whether a number can begin or go on with this word: digits already written count."""
    return text in CARDINAL_WORDS or text in ORDINALS or text[:1].isdigit()
