"""The topics of the API: the IAB Content Taxonomy 2.0, each told in words of ours.

The labels are those of IAB Tech Lab, CC BY 3.0, spelled as the compatible API spells them. What
stands beside them in `topic_labels.tsv` was written for this: the words that talk of a topic has,
and a sentence that somebody may say about it.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_FILE = "topic_labels.tsv"
_TIERS = ">"
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+[A-Z]?")


@dataclass(frozen=True, slots=True)
class TopicLabel:
    """A topic: its label, with its tiers, the words of talk about it, and an example of such."""

    label: str
    description: str
    example: str

    @property
    def name(self) -> str:
        """The last tier in plain words, with the first one: "Tennis, Sports"."""
        tiers = self.label.split(_TIERS)
        first, last = plain_words(tiers[0]), plain_words(tiers[-1])
        return first if len(tiers) == 1 else f"{last}, {first}"

    @property
    def parent(self) -> str | None:
        """The label of the topic that it is part of; None of a topic of the first tier."""
        before, _, _ = self.label.rpartition(_TIERS)
        return before or None


def plain_words(tier: str) -> str:
    """The words of a tier, such as the three of IndoorEnvironmentalQuality."""
    return " ".join(_WORDS.findall(tier.replace("&", "And")))


@cache
def load_topic_labels() -> tuple[TopicLabel, ...]:
    """All of them, parents before their children."""
    text = (files("earshot.understanding") / _FILE).read_text(encoding="utf-8")
    return tuple(TopicLabel(*line.split("\t")) for line in text.splitlines())
