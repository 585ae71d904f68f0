"""Writes the lexicon of earshot.understanding.valence, from that of the package vaderSentiment.

Run as `pip install --no-deps vaderSentiment==3.3.2`, then `python -m benchmarks.valence_lexicon`.
Of each entry only the mean of its ten ratings is kept. Left out are numbers, which in talk are
numbers, and what can never be found: entries in capitals, and emoticons with blanks in them.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.metadata import distribution, version
from pathlib import Path

from earshot.understanding import valence
from earshot.understanding.valence import STRONGER, WEAKER

PACKAGE = "vaderSentiment"
TARGET = Path(valence.__file__).parent / "lexicons" / "vader.txt"
_PHRASE = re.compile(r"[a-z' ]+")


def is_kept(entry: str) -> bool:
    if entry != entry.lower() or entry.isdecimal():
        return False
    return " " not in entry or _PHRASE.fullmatch(entry) is not None


def render(
    ratings: Mapping[str, float], stress: Mapping[str, float], source: str, licence: str
) -> str:
    """A line for each rating, the highest first, and its entries between tabs."""
    entries: dict[float, list[str]] = defaultdict(list)
    for entry, rating in ratings.items():
        if is_kept(entry):
            entries[rating].append(entry)
    head = [f"The lexicon of {source}: mean ratings, -4 to 4.", *licence.strip().splitlines()]
    lines = [f"# {line.strip()}".strip() for line in head]
    lines += [_line(f"{one:g}", entries[one]) for one in sorted(entries, reverse=True)]
    lines.append(_line(STRONGER, [entry for entry, added in stress.items() if added > 0]))
    lines.append(_line(WEAKER, [entry for entry, added in stress.items() if added < 0]))
    return "\n".join([*lines, ""])


def _line(label: str, entries: Iterable[str]) -> str:
    return "\t".join([label, *sorted(entries)])


def main() -> None:
    rules = import_module(f"{PACKAGE}.{PACKAGE}")
    ratings = rules.SentimentIntensityAnalyzer().lexicon | rules.SPECIAL_CASES
    licence = distribution(PACKAGE).read_text("LICENSE.txt") or ""
    source = f"{PACKAGE} {version(PACKAGE)}"
    content = render(ratings, rules.BOOSTER_DICT, source, licence)
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(content, encoding="utf-8")
    print(f"{TARGET}: {len(content.encode())} bytes")


if __name__ == "__main__":
    main()
