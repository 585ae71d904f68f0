"""A transcript as Markdown, for people to read."""

from collections.abc import Mapping, Sequence

from earshot.exports.markup import escape
from earshot.exports.paragraphs import split_paragraphs
from earshot.exports.sections import render_findings
from earshot.exports.voices import NO_NAMES, name_voice
from earshot.transcript.findings import Findings
from earshot.transcript.times import read_time
from earshot.transcript.words import Word


def render_markdown(
    words: Sequence[Word],
    names: Mapping[str, str] = NO_NAMES,
    *,
    title: str = "Transcript",
    findings: Findings | None = None,
) -> str:
    """A heading, then each paragraph under the time at which it starts and who says it.

    `names` are those of known voices, by label. What was found out comes before what was said.
    """
    blocks = [f"# {escape(title)}\n"]
    found = "" if findings is None else render_findings(findings)
    if found:
        blocks += [found, "## What was said\n"]
    for paragraph in split_paragraphs(words):
        voice = name_voice(paragraph.speaker, paragraph.channel, names)
        label = f"**[{read_time(paragraph.start_ms)}]**" + (
            f" **{escape(voice)}:**" if voice else ""
        )
        blocks.append(f"{label} {escape(paragraph.text)}\n")
    return "\n".join(blocks)
