"""Sentences in which somebody is to do something, by the words with which people say so."""

import re
from collections.abc import Sequence

from earshot.transcript.sentences import Sentence

# What people promise one another at the end of a talk. Others ("I'll go next") they do at once.
_DO = (
    r"(?:add|answer|arrange|ask|assign|book|bring|build|buy|call|cancel|check|clean|"
    r"close|collect|compare|complete|confirm|contact|copy|create|decide|define|"
    r"deliver|design|draft|email|e-mail|evaluate|figure \s out|fill|find|finish|fix|"
    r"follow|forward|get \s back|help|hire|improve|include|install|interact|"
    r"investigate|let \s (?:you|him|her|them) \s know|look \s into|mail|make \s sure|"
    r"measure|meet|message|move|notify|order|organi[sz]e|pay|phone|pick \s up|plan|"
    r"post|prepare|present|print|provide|publish|read|record|remind|remove|repair|"
    r"replace|reply|report|research|return|review|revise|schedule|sell|send|"
    r"set \s up|share|sign|sort \s out|speak|submit|take \s care|talk|tell|test|"
    r"text|try \s out|update|upload|work \s on|write)\b"
)
# What is asked of somebody, or promised: one of these is enough.
_ASKED = re.compile(
    rf"""(?ix)\b(?:
      action \s items? | to-?dos? | follow(?:ing)? \s up | next \s steps?
    | (?:can|could|would|will) \s (?:you|somebody|someone) \s (?:please \s)? {_DO}
    | please \s (?:just \s)? {_DO}
    | make \s sure | (?:don't|do \s not) \s forget | remember \s to
    | (?:i|we)(?:'ll|\s will|\s shall|\s should) \s (?:then \s|also \s)? {_DO}
    | (?:i|we)(?:'m|'re|\s am|\s are) \s (?:going \s to|gonna) \s {_DO}
    | (?:i|we|you|he|she|they) \s (?:need|needs|have|has|ought|want \s you) \s to \s {_DO}
    | (?:you|he|she|they)(?:'ll|\s will|\s should|\s must) \s {_DO}
    | (?:is|are) \s (?:responsible \s for|in \s charge \s of) | assigned \s to | due \s (?:by|on)
    )"""
)
# When it is due. With a promise by name ("Anna will send it by Friday") it is one, too.
_DUE = re.compile(
    r"""(?ix)\b(?:by|before|until|no \s later \s than|on) \s (?:the \s)? (?:
      monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow|tonight|noon
    | end \s of | next \s (?:week|month|year|time|meeting)
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
