"""The code blocks of a page, as the tests of the documentation run them."""

import re
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
_NOT_RUN = re.compile(r"<!-- not run: .+ -->\s*\Z")
_SAVED_AS = re.compile(r"[Ss]ave this as `([^`]+)`|[Aa]nd this as `([^`]+)`")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block; `file_name` is what the prose right before it says to save it as."""

    language: str
    code: str
    file_name: str | None


def blocks_of(page: Path) -> list[Block]:
    """The blocks that are to be run, in order."""
    text = page.read_text(encoding="utf-8")
    blocks = []
    prose_from = 0
    for found in _BLOCK.finditer(text):
        prose = text[prose_from : found.start()]
        prose_from = found.end()
        if _NOT_RUN.search(prose) is None:
            names = [name for names in _SAVED_AS.findall(prose) for name in names if name]
            blocks.append(Block(found[1], found[2], names[-1] if names else None))
    return blocks
