"""A transcript as Markdown, for people to read."""

import re
from collections.abc import Mapping, Sequence

from earshot.exports.paragraphs import split_paragraphs
from earshot.exports.voices import NO_NAMES, name_voice
from earshot.transcript.words import Word

# Characters that would start emphasis, code, links or HTML in the middle of a line.
_MARKUP = re.compile(r"([\\`*_\[\]<>])")


def render_markdown(
    words: Sequence[Word], names: Mapping[str, str] = NO_NAMES, *, title: str = "Transcript"
) -> str:
    """A heading, then each paragraph under the time at which it starts and who says it.

    `names` are those of known voices, by label.
    """
    blocks = [f"# {_escape(title)}\n"]
    for paragraph in split_paragraphs(words):
        voice = name_voice(paragraph.speaker, paragraph.channel, names)
        label = f"**[{_read_time(paragraph.start_ms)}]**" + (
            f" **{_escape(voice)}:**" if voice else ""
        )
        blocks.append(f"{label} {_escape(paragraph.text)}\n")
    return "\n".join(blocks)


def _read_time(time_ms: int) -> str:
    """Hours, minutes and seconds, the hours only from the first on."""
    minutes, seconds = divmod(time_ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def _escape(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
