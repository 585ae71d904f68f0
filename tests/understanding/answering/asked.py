"""What is asked about, for the tests of this folder."""

from earshot.transcript.sentences import split_sentences
from earshot.understanding.answering.task import Source
from tests.understanding.saying import say

MEETING = (
    "Welcome to the meeting about the harbour bridge. The repairs cost two million dollars. "
    "Anna, can you send the report by Friday? I will call the engineers tomorrow. "
    "The weather was lovely. Traffic over the bridge has doubled since last year. "
    "We need to close one lane in March."
)


def heard(text: str = MEETING, transcript_id: str = "t") -> Source:
    words = say(text)
    return Source(split_sentences(words), text, transcript_id)
