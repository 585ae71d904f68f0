"""What one says to be let in: passwords, PINs, answers to security questions."""

import re
from collections.abc import Iterator

from earshot.understanding.entities.candidates import (
    Candidate,
    Evidence,
    compile_pattern,
    find_pattern,
)
from earshot.understanding.entities.reading import Reading
from earshot.understanding.stop_words import STOP_WORDS

_NAME = r"""
    (?:password|passcode|pass[ ]code|pass[ ]?phrase|pass[ ]?word|pin(?:[ ](?:number|code))?
    |access[ ](?:code|key)|secret[ ](?:key|word|code|answer)|api[ ]key|security[ ](?:answer|word)
    |unlock[ ]code|door[ ]code|gate[ ]code|alarm[ ]code|verification[ ]code|one[ -]time[ ](?:code
    |password)
    |activation[ ]code)
    """
# "is wrong" tells about a password; "is temp1234" tells it.
_NOT_SECRET = r"""
    (?!(?:wrong|incorrect|required|expired|too|not|invalid|correct|the|a|an|my|your|their|on|in|at
    |being
    |been|to|for|of|very|really|so|that|this|what|still|now|there|protected|case|and|or|must|it
    |longer
    |reset|safe|secure|weak|strong|easy|hard|something|changed|good|bad)\b)
    """
_TOKEN = r"[^\s,;?!]*[^\s,;?!.]"
_MORE = rf"(?:[ ](?=[^\s]*[0-9]){_TOKEN})*"  # "alfalfa 27"
_TOLD = compile_pattern(
    rf"""
    \b{_NAME}(?:[ ](?:for|to|of)[ ](?:\w+[ ]){{1,4}}?)?
    (?:[ ](?:is|was|it's|to|would[ ]be|should[ ]be|equals)|[ ]?:|[ ]=|'s)(?:[ ](?:just|like|um|uh
    |capital))*[ ]
    (?P<it>{_NOT_SECRET}{_TOKEN}{_MORE})
    """
)
_GIVEN = compile_pattern(
    rf"""
        \b{_NAME}[ ](?P<it>(?=[^\s]*[0-9])(?![0-9]+[ ]?(?:times|days|minutes|characters
        |digits)){_TOKEN}{_MORE})
        """
)
_ASKED = compile_pattern(
    rf"""
    \b(?: {_NAME}[^?.!]{{0,40}}\?
      | what(?:'s|[ ]is|[ ]was)[ ](?:your|the|his|her|their)[ ]{_NAME}[^?.!]{{0,25}}?[.]?
    )[ ](?:[a-z']+[,.]?[ ]){{0,6}}?(?P<it>(?=[^\s]*[0-9]){_TOKEN}{_MORE})
    """
)
_MAIDEN = compile_pattern(
    r"""
        \b(?:mother'?s[ ])?maiden[ ]name(?:[ ](?:is|was)|'s|:)[ ](?P<it>(?!(?:not|the|my
        |your)\b)[\w'-]+)
        """
)
_FIRSTS = compile_pattern(
    r"""
    \bmy[ ](?:first|1st|favou?rite|childhood)
    [ ](?:pet|dog|cat|school|car|teacher|street|best[ ]friend)
    (?:'s[ ]name)?[ ](?:is|was)(?:[ ](?:called|named))?[ ]
    (?P<it>(?!(?:not|the|a|an|my|very|so|really)\b)[\w'-]+)
    """
)

# Words end a pass phrase that tell of something else; a sentence that has none ends it, too.
_MAX_WORDS = 6
_MIN_PHRASE = 3  # words
_PHRASE = compile_pattern(
    rf"""
    \b{_NAME}(?:[ ](?:for|to|of)[ ](?:\w+[ ]){{1,4}}?)?
    (?:[ ](?:is|was|it's|to|would[ ]be|should[ ]be|equals)|[ ]?:|[ ]=|'s)[ ]
    (?P<it>(?:[0-9]+[.,]?[ ]){{0,12}}(?:[^\s.?!;]+[ ]){{0,{_MAX_WORDS - 1}}}[^\s.?!;]+)
    """
)
_ENDS_LISTED = """
    but because please thanks thank okay ok so if and i you we can could do don't let that for
    """
_ENDS = frozenset(_ENDS_LISTED.split())
_TELLS_OF = compile_pattern(_NOT_SECRET)


def find_passwords(reading: Reading) -> Iterator[Candidate]:
    for pattern in (_TOLD, _GIVEN, _ASKED, _MAIDEN, _FIRSTS):
        yield from find_pattern(reading, pattern, "password", Evidence.CHECKSUM)


def suspect_passwords(reading: Reading) -> Iterator[Candidate]:
    """Whatever follows "the password is", up to the end of the sentence or another thought.

    Of words that may tell about a password, only several that say something are one: "is correct
    horse battery staple", and not "is correct".
    """
    for match in _PHRASE.finditer(reading.text):
        words = list(re.finditer(r"[^ ]+", match["it"]))
        texts = [word[0].strip(",").lower() for word in words]
        n = next((i for i, text in enumerate(texts) if i and text in _ENDS), len(words))
        is_told = _TELLS_OF.match(match["it"]) is not None
        if is_told or (n >= _MIN_PHRASE and STOP_WORDS.isdisjoint(texts[:n])):
            start = match.start("it")
            yield Candidate("password", start, start + words[n - 1].end(), Evidence.DOUBT)
