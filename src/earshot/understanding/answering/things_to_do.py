"""Sentences in which somebody is to do something, by the words with which people say so."""

import re
from collections.abc import Sequence

from earshot.transcript.sentences import Sentence

# What is asked of somebody, or promised: one of these is enough.
_ASKED = re.compile(
    r"""(?ix)\b(?:
      action \s item s? | to-?do s? \b (?!\swith) | follow(?:ing)? \s up | next \s steps?
    | (?:can|could|would|will) \s you \s (?:please \s)? (?!hear|see|believe|imagine|tell|say)\w+
    | please \s (?!note|hold|welcome)\w+
    | make \s sure | (?:don't|do \s not) \s forget | remember \s to
    | (?:i|we)(?:'ll|\s will|\s shall) \s (?!be\b|never\b|not\b|see\b|have\b|always\b)\w+
    | (?:i|we)(?:'m|'re|\s am|\s are) \s (?:going \s to|gonna) \s
        (?:send|call|write|check|set|prepare|schedule|book|fix|review|update|ask|get|finish|share)
    | (?:i|we|you|he|she|they) \s (?:need|needs|have|has|ought) \s to \s (?!be\b|know\b|say\b)\w+
    | (?:you|he|she|they) \s (?:should|must) \s (?!be\b|have\b|know\b)\w+
    | (?:is|are) \s (?:responsible|in \s charge) | assigned \s to | due \s (?:by|on)
    )"""
)
# When it is due. With a promise by name ("Anna will send it by Friday") it is one, too.
_DUE = re.compile(
    r"""(?ix)\b(?: by|before|until|no \s later \s than|on ) \s (?:the \s)? (?:
      monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow|tonight|noon|next|end \s of
    | january|february|march|april|june|july|august|september|october|november|december|\d
    )"""
)
_PROMISED = re.compile(r"(?i)\b\w+(?:'ll| will| should| must) (?!be\b)\w+")


def find_things_to_do(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Those sentences, in their order; English alone has such words here."""
    return [one for one in sentences if is_to_be_done(one.text)]


def is_to_be_done(text: str) -> bool:
    straight = text.replace("\u2019", "'")
    if _ASKED.search(straight) is not None:
        return True
    return _DUE.search(straight) is not None and _PROMISED.search(straight) is not None
