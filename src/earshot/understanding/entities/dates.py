"""Days, longer stretches of the calendar, times of day, durations; days on which one was born."""

from collections.abc import Iterator

from earshot.understanding.entities.candidates import (
    Candidate,
    Evidence,
    compile_pattern,
    find_pattern,
)
from earshot.understanding.entities.reading import Reading

_MONTH = r"""
    (?:january|february|march|april|may|june|july|august|september|october|november|december
    |(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?)
    """
_SURE_MONTH = r"""
    (?:january|february|april|june|july|august|september|october|november|december)
    """
_DAY = r"(?:(?:3[01]|[12][0-9]|0?[1-9])(?:st|nd|rd|th)?|second)"
_YEAR = r"(?:(?:1[89]|20)[ ]?(?:[0-9]{2}|[0-9][ ][0-9])|2000|200[0-9])"
_SHORT_YEAR = rf"(?:{_YEAR}|'?[0-9]{{2}})"
_WEEKDAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
_NOT_NUMBER = r"(?![\w%]|[.,:/-][0-9]|[ ](?:dollars|percent|people))"
_DATE = compile_pattern(
    rf"""
    (?<![\w.$]) (?:
        (?:{_WEEKDAY},?[ ](?:the[ ])?)? (?:
            {_MONTH}[ ](?:the[ ])?{_DAY}(?:,?[ ](?:of[ ])?{_YEAR})?
          | {_DAY}(?:[ ]day)?[ ](?:of[ ])?{_MONTH}(?:,?[ ](?:of[ ])?{_YEAR})?
        )
      | (?:19|20)[0-9]{{2}}[-./](?:1[0-2]|0?[1-9])[-./](?:3[01]|[12][0-9]|0?[1-9])
      | (?:3[01]|[12][0-9]|0?[1-9])([-./])(?:3[01]|[12][0-9]|0?[1-9])\1(?:[0-9]{{4}}|[0-9]{{2}})
      | (?:3[01]|[12][0-9]|[1-9])/(?:3[01]|[12][0-9]|[1-9])/{_YEAR}
    ) {_NOT_NUMBER}
    """
)
_BORN = compile_pattern(r"\b(?:date[ ]of[ ]birth|birth[ ]?(?:day|date)|d[-.]?o[-.]?b\b|born\b)")
_MAX_GAP = 60  # characters between "date of birth" and the date
_MAX_CHARS = 200  # of a date; no form of it is nearly as long
# Digits that are a date only because a date was asked for: "0 3 0 4 1 9 8 0", "3 4 19 80".
_BARE_DATE = compile_pattern(
    rf"""
    (?<![\w.$/-])(?: (?:3[01]|[12][0-9]|0?[1-9])[ ,/.-]{{1,3}}(?:3[01]|[12][0-9]
    |0?[1-9])[ ,/.-]{{1,3}}
                    (?:{_YEAR}|[0-9][ ]?[0-9])
      | [0-3][ ]?[0-9][ ]?[0-3][ ]?[0-9][ ]?(?:{_YEAR}|[0-9][ ]?[0-9])
      | {_MONTH}[ ]{_DAY},?[ ]{_SHORT_YEAR} )(?![\w%]|[./-][0-9])
    """
)
_IN = (
    r"(?:in|since|of|from|until|till|by|before|after|during|around|circa|year|back[ ]in|to|between)"
)
_INTERVAL = compile_pattern(
    rf"""
    (?<![\w.$/-]) (?:
        (?:from[ ])?{_DAY}[ ]?(?:-|\u2013|to[ ]|through[ ]|until[ ])[ ]?{_DAY}[ ](?:of[ ])?{_MONTH}
            (?:[ ]{_YEAR})?
      | {_MONTH}[ ]{_DAY}[ ]?(?:-|\u2013|to[ ]|through[ ])[ ]?(?:{_MONTH}[ ])?{_DAY}(?:,?
      [ ]{_YEAR})?
      | {_MONTH},?[ ](?:of[ ])?{_YEAR}
      | {_YEAR}[ ]?(?:-|\u2013|to[ ]|through[ ]|until[ ])[ ]?{_YEAR}
      | (?:the[ ])?(?:early[ ]|late[ ]|mid[ -]?)?(?:(?:19|20)[0-9]0s|'?[2-9]0s)
      | (?:the[ ])?(?:early[ ]|late[ ]|mid[ -]?)?(?:nineteen[ ]|19[ ])?
            (?:twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties)
      | (?:(?:the|last|this|next|early|late|every|each|of|in)[ ]){{1,4}}
            (?:spring|summer|autumn|fall|winter)(?:[ ](?:of[ ])?{_YEAR})?
      | (?:summer|winter|autumn)(?:[ ](?:of[ ])?{_YEAR})
    ) {_NOT_NUMBER}
    """
)
_YEAR_ALONE = compile_pattern(
    r"""
        (?:(?<=[ ])|^|(?<=\())(?P<it>(?:19|20)[0-9]{2})
        (?![\w%]|[.,:/-][0-9]|[ ](?:[0-9]+(?![0-9]*(?:st|nd|rd|th))|dollars|people|percent))
        """
)
_SPOKEN_YEAR = compile_pattern(rf"\b{_IN}[ ](?P<it>{_YEAR}){_NOT_NUMBER}(?![ ][0-9])")
_MONTH_ALONE = compile_pattern(
    rf"""
        \b(?P<it>{_SURE_MONTH})\b|\b(?:in|since|last|next|this|of|every|by|until|early
        |late)[ ](?P<doubtful>march|may)\b(?![ ](?:be|have|not))
        """
)
_ZONE = r"(?:[ ](?:[ecmp][sd]t|gmt|utc|bst|cet|eastern|pacific|central|mountain)(?:[ ]time)?\b)"
_HALF_DAY = r"(?:[ap]\.?m\b\.?)"
_TIME = compile_pattern(
    rf"""
    (?<![\w.:$/-]) (?:
        (?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?(?:[ ]?{_HALF_DAY})?{_ZONE}?
      | (?:1[0-2]|0?[1-9])(?:[ ]?(?:[0-5][0-9]|[0-5][ ][0-9]))?[ ]?{_HALF_DAY}{_ZONE}?
      | (?:1[0-2]|[1-9])[ ]?o'?clock(?:[ ]{_HALF_DAY})?
      | (?:half|quarter|twenty|ten|five|20|10|5|25)[ ](?:past|to|after|till)[ ]
            (?:1[0-2]|[1-9]|noon|midnight)(?![0-9])
      | (?<=at[ ])(?:1[0-2]|[1-9])[ ][1-5][0-9](?=[ ](?:in[ ]the|tomorrow|today|on|tonight|sharp))
      | (?:noon|midnight)\b
      | (?<=at[ ])(?:1[0-2]|[1-9])(?=[ ](?:in[ ]the[ ](?:morning|afternoon|evening)|at[ ]night
      |sharp|tonight))
    ) (?![\w%]|:[0-9])
    """
)
_COUNT = r"""
    (?:[0-9]++(?:[.,][0-9]++){0,6}+(?:[ ](?:and[ ])?(?:a[ ]half|1/2))?|half[ ]an?
    |a[ ]couple(?:[ ]of)?|a[ ]few|several|a[ ]dozen)
    """
_UNIT = r"(?:second|minute|hour|day|week|fortnight|month|quarter|year|decade|centur(?:y|ie))s?"
_DURATION = compile_pattern(
    rf"""
    (?<![\w.$/:-]) {_COUNT}[ -]?(?:to[ ]{_COUNT}[ ])?(?:(?:business|working|calendar|full
    |light)[ ])?
    (?:{_UNIT}|hrs?|mins?|secs?)(?:[ ]and[ ]a[ ]half)?(?:,?[ ](?:and[ ])?[0-9]+[ ]{_UNIT})*
    (?!\w)(?![ -]olds?\b|[ ]of[ ]age|'?[ ]old)
    """
)

_NEAR_WEEKDAY = compile_pattern(
    rf"\b{_WEEKDAY}s?\b(?:,?[ ](?:the[ ])?{_DAY}(?![\w%]|[.,:/-][0-9]))?"
)
_NTH = compile_pattern(
    r"""
    \b(?:on|by|until|since|from|before|after|of|is|was)[ ](?P<it>(?:the[ ])?
        (?:3[01]|[12][0-9]|[1-9])(?:st|nd|rd|th))\b(?![ ](?:time|floor|street|avenue|century|place))
    """
)
# "How about the 23rd?" and "on the second", which is also a moment; but no "5th floor".
_NTH_ALONE = compile_pattern(
    r"""
    \b(?: the[ ](?P<it>(?:3[01]|[12][0-9]|[4-9])(?:st|nd|rd|th))
      | (?:on|by|until|since|before|after)[ ](?:the[ ])?(?P<second>second) )
    (?=[.,;?!]|$|[ ](?:or|and|at|to|till|until|through|then|works?|would|is|was|if|please|for|does
        |do|in[ ]the|morning|afternoon|evening)\b)
    """
)
# Apart, as of "7 June 26th" only one is the day.
_DAY_BEHIND = compile_pattern(
    rf"\b{_MONTH}[ ,]{{1,2}}(?:the[ ])?{_DAY}(?:,?[ ](?:of[ ])?{_YEAR})?(?![\w%])"
)
_DAY_BEFORE = compile_pattern(
    rf"(?<![\w.$]){_DAY}(?:[ ]day)?[ ](?:of[ ])?{_MONTH}(?:,?[ ](?:of[ ])?{_YEAR})?(?![\w%])"
)
# A year, a month, wherever they are said: "19 84" may also be two numbers, "May" a name.
_ANY_YEAR = compile_pattern(rf"(?<![\w.$]){_YEAR}(?![\w%]|[.,:/-][0-9])|(?<!\w)'[0-9]{{2}}(?!\w)")
_ANY_MONTH = compile_pattern(
    r"""
    \b(?-i:March|May)\b(?![ ](?:i|we|you)\b)|\b(?:mid|for|through|from|to|and|or|during
    |before|after|month[ ]of|is|was|around)[ -](?P<it>march|may)\b(?![ ](?:be|have|not))
    |\b(?:jan|feb|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?
    """
)


def find_dates(reading: Reading) -> Iterator[Candidate]:
    yield from find_pattern(reading, _DATE, "date", Evidence.FORM)
    yield from _find_births(reading)
    yield from find_pattern(reading, _INTERVAL, "date_interval", Evidence.FORM)
    yield from find_pattern(reading, _YEAR_ALONE, "date_interval", Evidence.SHAPE)
    yield from find_pattern(reading, _SPOKEN_YEAR, "date_interval", Evidence.SHAPE)
    for match in _MONTH_ALONE.finditer(reading.text):
        part = "it" if match["it"] else "doubtful"
        yield Candidate("date_interval", *match.span(part), Evidence.TERM)
    yield from find_pattern(reading, _TIME, "time", Evidence.FORM)
    yield from find_pattern(reading, _DURATION, "duration", Evidence.FORM)


def suspect_dates(reading: Reading) -> Iterator[Candidate]:
    """Days of the week and of the month, and years and months that nothing before them tells."""
    for pattern in (_NEAR_WEEKDAY, _NTH, _DAY_BEHIND, _DAY_BEFORE):
        yield from find_pattern(reading, pattern, "date", Evidence.DOUBT)
    for match in _NTH_ALONE.finditer(reading.text):
        yield Candidate("date", *match.span("it" if match["it"] else "second"), Evidence.DOUBT)
    yield from find_pattern(reading, _ANY_YEAR, "date_interval", Evidence.DOUBT)
    for match in _ANY_MONTH.finditer(reading.text):
        span = match.span("it") if match["it"] else match.span()
        yield Candidate("date_interval", *span, Evidence.DOUBT)


def _find_births(reading: Reading) -> Iterator[Candidate]:
    """The first date behind each "date of birth" or "born"."""
    for cue in _BORN.finditer(reading.text):
        reach = cue.end() + _MAX_GAP + _MAX_CHARS
        # An answer that spells the date may be longer than the gap before it.
        found = [
            match
            for pattern in (_DATE, _BARE_DATE)
            if (match := pattern.search(reading.text, cue.end(), reach))
            and match.start() - cue.end() <= _MAX_GAP
        ]
        if found:
            first = min(found, key=lambda match: (match.start(), -match.end()))
            yield Candidate("date_of_birth", *first.span(), Evidence.CHECKSUM)
            yield Candidate("date", *first.span(), Evidence.SHAPE)
