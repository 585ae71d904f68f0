"""A transcript as plain text."""

from collections.abc import Mapping, Sequence

from earshot.exports.paragraphs import split_paragraphs
from earshot.exports.voices import NO_NAMES, name_voice
from earshot.transcript.words import Word


def render_plain(words: Sequence[Word], names: Mapping[str, str] = NO_NAMES) -> str:
    """Paragraphs with an empty line between, each with its speaker, if known; empty without words.

    `names` are those of known voices, by label.
    """
    lines: list[str] = []
    for paragraph in split_paragraphs(words):
        voice = name_voice(paragraph.speaker, paragraph.channel, names)
        lines.append(f"{voice}: {paragraph.text}\n" if voice else f"{paragraph.text}\n")
    return "\n".join(lines)
