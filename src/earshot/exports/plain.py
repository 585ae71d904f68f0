"""A transcript as plain text."""

from collections.abc import Sequence

from earshot.exports.paragraphs import split_paragraphs
from earshot.exports.voices import name_voice
from earshot.transcript.words import Word


def render_plain(words: Sequence[Word]) -> str:
    """Paragraphs with an empty line between, speakers named where known; empty without words."""
    lines: list[str] = []
    for paragraph in split_paragraphs(words):
        voice = name_voice(paragraph.speaker, paragraph.channel)
        lines.append(f"{voice}: {paragraph.text}\n" if voice else f"{paragraph.text}\n")
    return "\n".join(lines)
