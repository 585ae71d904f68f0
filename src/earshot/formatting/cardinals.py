"""Whole numbers in English words, the way they are said in America: without "and"."""

_BELOW_TWENTY = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen
""".strip().replace("\n", " ")
_UNITS = _BELOW_TWENTY.split(" ")
_TENS_LISTED = "zero ten twenty thirty forty fifty sixty seventy eighty ninety"
_TENS = _TENS_LISTED.split(" ")
_SCALES = ("", "thousand", "million", "billion", "trillion", "quadrillion")
MAX_CARDINAL = 1000 ** len(_SCALES) - 1
_IRREGULAR_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
YEARS = range(1100, 2100)  # four digits in this range are said as years are


def spell_cardinal(number: int) -> list[str]:
    """Words of a number from 0 to MAX_CARDINAL."""
    if not 0 <= number <= MAX_CARDINAL:
        raise ValueError(f"no words for {number}")
    if number == 0:
        return [_UNITS[0]]
    words: list[str] = []
    for power in reversed(range(len(_SCALES))):
        group = number // 1000**power % 1000
        if group:
            words += _spell_below_thousand(group)
            words += [_SCALES[power]] if power else []
    return words


def spell_ordinal(number: int) -> list[str]:
    """As `spell_cardinal`, with the last word an ordinal: "twenty first"."""
    *before, last = spell_cardinal(number)
    if last in _IRREGULAR_ORDINALS:
        return [*before, _IRREGULAR_ORDINALS[last]]
    return [*before, last[:-1] + "ieth" if last.endswith("y") else last + "th"]


def spell_year(number: int) -> list[str]:
    """Words of a number in YEARS: "nineteen oh five", "two thousand five", "twenty ten"."""
    century, rest = divmod(number, 100)
    if 2000 <= number < 2010:
        return spell_cardinal(number)
    if rest == 0:
        return [*_spell_below_thousand(century), "hundred"]
    return [*_spell_below_thousand(century), *(["oh"] if rest < 10 else []), *spell_cardinal(rest)]


def spell_digits(digits: str) -> list[str]:
    """One word for each digit."""
    return [_UNITS[int(digit)] for digit in digits]


def _spell_below_thousand(number: int) -> list[str]:
    """Words of 1 to 999."""
    words = [_UNITS[number // 100], "hundred"] if number >= 100 else []
    rest = number % 100
    if rest >= 20:
        words.append(_TENS[rest // 10])
        rest %= 10
    return [*words, _UNITS[rest]] if rest else words
