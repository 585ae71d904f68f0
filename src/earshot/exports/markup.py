"""Text that Markdown leaves as it is."""

import re

# Characters that would start emphasis, code, links or HTML in the middle of a line.
_MARKUP = re.compile(r"([\\`*_\[\]<>])")


def escape(text: str) -> str:
    """The text on one line, of which no character means anything but itself."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
