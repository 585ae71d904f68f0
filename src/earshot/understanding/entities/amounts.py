"""How much and how many: money, shares, ages, the measures of a body."""

from collections.abc import Iterator

from earshot.understanding.entities.candidates import (
    Candidate,
    Evidence,
    compile_pattern,
    find_pattern,
)
from earshot.understanding.entities.reading import Reading

_NUMBER = r"[0-9]+(?:,[0-9]{3})*(?:\.(?:[0-9]{2,}|[0-9](?:[ ][0-9](?![0-9/-]))*))?"
_SCALE = r"(?:[ ]?(?:hundred|thousand|million|billion|trillion)|[ ]?(?:k|m|mm|bn?|tn)\b)"
_CURRENCY = r"""
    (?:(?:us|u\.s\.|american|canadian|australian|hong[ ]kong|singapore)[ ])?
    (?:dollars?|bucks|cents?|euros?|pounds[ ]sterling|pounds?|quid|pence|pesos?|yen|yuan|renminbi
    |rupees?|francs?|swiss[ ]francs?|kronor|kroner|krona|krone|rubles?|roubles?|rand|rials?|riyals?
    |dirhams?|shekels?|won|zloty|zlotys|forints?|lira|liras|baht|bitcoins?|usd|eur|gbp|jpy|cad|aud
    |chf|inr)
    """
_MONEY = compile_pattern(
    rf"""
    (?<![\w.]) (?:
        (?:us|ca|au|a|c)?[$\u20ac\u00a3\u00a5][ ]?{_NUMBER}{_SCALE}?(?:[ ]{_CURRENCY})?
      | (?:usd|eur|gbp|chf|cad|aud)[ ]{_NUMBER}{_SCALE}?
      | (?:{_NUMBER}|an?|half[ ]a|several|a[ ]few){_SCALE}?[ -]?(?:and[ ]a[ ]half[ ])?{_CURRENCY}
            (?:[ ]and[ ][0-9]+[ ](?:cents?|pence))?
      | {_NUMBER}(?:\u20ac|\u00a3|\u00a2)
    ) (?![\w%])
    """
)
# Two amounts that only a unit sets apart from counts: weights are no money.
_WEIGHT = compile_pattern(
    rf"""
        (?:weigh(?:s|ed|ing)?|lost|gained|lose|gain|lift(?:s|ed)?|bench)[ ](?:about[ ]|around[ ]
        |only[ ])?(?P<it>{_NUMBER}[ ]?(?:pounds?|lbs?|kilos?|kilograms?|kg|stone))\b
        """
)
_BODY = compile_pattern(
    rf"""
    (?<![\w.]) (?:
        {_NUMBER}[ ]?(?:cm|centimet(?:er|re)s?|met(?:er|re)s?|feet|foot|inches)
            (?:[ ]?[0-9]+(?:[ ]inch(?:es)?)?)?[ ]tall
      | [4-7][ ](?:foot|feet)[ ](?:1[01]|[0-9])(?:[ ]inch(?:es)?)?
      | [4-7]['\u2019\u2032][ ]?(?:1[01]|[0-9])(?:"|''|\u2033|\u201d)?
      | (?:blue|brown|green|hazel|gr[ea]y|dark|amber|bright|light)(?:[ ](?:blue|brown|green
      |gr[ea]y))?[ -]ey(?:es|ed)
      | (?:long[ ]|short[ ]|curly[ ]|straight[ ]|dark[ ]|light[ ])?
            (?:blonde?|brown|black|red|gr[ea]y|dark|white|auburn|ginger|curly)[ -]hair(?:ed)?
      | (?:bald|left[ -]handed|right[ -]handed|freckled|tattooed|pale[ -]skinned|dark[ -]skinned)
      | (?:black|white|brown)[ ](?:man|men|woman|women|people|person|male|female|boy|girl|guy|kid
            |folks|students?|community|americans?)
    ) (?!\w)
    """
)
_PERCENT = compile_pattern(
    rf"""
        (?<![\w.$]){_NUMBER}(?:[ ]?(?:-|\u2013|to)[ ]?{_NUMBER})?[ ]?(?:%|per[ ]?cent\b
        |percentage[ ]points?\b)
        """
)
_AGE = r"(?:1[01][0-9]|[1-9]?[0-9])"
_AGES = (
    compile_pattern(
        rf"""
            (?<![\w.$])(?P<it>{_AGE})(?:[ -]?and[ -]a[ -]half)?[ -]?(?:years?|months?|weeks?
            |days?|yrs?|y)[ -/]?(?:olds?|o|of[ ]age)\b
            """
    ),
    compile_pattern(rf"(?<![\w.$])(?P<it>{_AGE})[ ]?yo\b"),
    compile_pattern(
        rf"""
            \b(?:aged?|ages|age[ ](?:is|was|of)|at[ ]the[ ]age[ ]of|turn(?:s|ed
            |ing)?)[ :]{{1,2}}(?P<it>{_AGE})(?![\w%:]|[.,/-][0-9]|[ ](?:percent|degrees))
            """
    ),
    compile_pattern(
        r"""
        \b(?:i'm|i[ ]am|i[ ]was|he's|he[ ]is|she's|she[ ]is|he[ ]was|she[ ]was|they're|who's
            |who[ ]is|is[ ]only
            |(?:son|daughter|wife|husband|mother|father|kid|brother|sister)[ ]is)[ ]
        (?:only[ ]|just[ ]|about[ ]|almost[ ]|over[ ])?
        (?P<it>[1-9][0-9]?)
        (?=[.,!?;]?(?:$|[ ](?:and|now|but|so|i|he|she|years|when|today|or)\b)|[.,!?;][ ])
        (?![ ]years?[ ](?!old|of))
        """
    ),
    compile_pattern(
        r"""
            \bin[ ](?:my|his|her|their)[ ](?:early[ ]|mid[ -]?|late[ ])?(?P<it>(?:[2-9]0s
            |twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties))
            """
    ),
)

_AGES_TOLD = compile_pattern(
    r"""
    \b(?:aged?|age[ ](?:is|was|of)|turn(?:s|ed|ing)?|i'm|i[ ]am|s?he's|s?he[ ](?:is|was)|i[ ]was)[ ]
    (?:only[ ]|just[ ]|about[ ]|almost[ ]|over[ ])?
    (?P<it>[0-9]{1,6}(?:[.,]?[ ][0-9]{1,6}){1,8})(?![\w%:]|[.,/-][0-9])
    """
)


def find_amounts(reading: Reading) -> Iterator[Candidate]:
    yield from find_pattern(reading, _WEIGHT, "physical_attribute", Evidence.CUE)
    yield from find_pattern(reading, _MONEY, "money_amount", Evidence.FORM)
    yield from find_pattern(reading, _BODY, "physical_attribute", Evidence.FORM)
    yield from find_pattern(reading, _PERCENT, "statistics", Evidence.FORM)
    for pattern in _AGES:
        yield from find_pattern(reading, pattern, "person_age", Evidence.CUE)


def suspect_amounts(reading: Reading) -> Iterator[Candidate]:
    """Any numbers where an age is told."""
    yield from find_pattern(reading, _AGES_TOLD, "person_age", Evidence.DOUBT)
