"""`content_safety`: which sections have sensitive content, of which kinds, and how grave."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from earshot.transcript.findings import (
    FeatureName,
    Findings,
    Safety,
    SafetyLabel,
    SafetySection,
    SeverityShares,
)
from earshot.transcript.options import UnderstandingOptions
from earshot.understanding.encoder import TextEncoder, Vectors
from earshot.understanding.feature import FinishedTranscript
from earshot.understanding.safety_head import load_safety_head
from earshot.understanding.safety_labels import KINDS, LABELS
from earshot.understanding.safety_words import (
    add_swear_words,
    confidences_by_words,
    gravity_of_swearing,
)
from earshot.understanding.sections import Section, divide_into_sections

NOTICE = (
    "content_safety went by words alone, which is less exact: the text encoder is not on this "
    "server. Its operator gets it with: earshot models pull minilm"
)
# Shorter sentences are read together with those beside them.
MIN_WORDS_ALONE = 6
GRAVITY_BY_WORDS = 0.5  # nothing is known of it
Floats = npt.NDArray[np.float64]

# Where a severity is altogether low, medium and high.
LOW, MEDIUM, HIGH = 0.2, 0.5, 0.8


class SafetyFeature:
    """Sensitive content by section; a section is as likely to have some as its likeliest part."""

    name: FeatureName = "content_safety"
    is_english_only = True

    def __init__(self, encoder: TextEncoder | None) -> None:
        """Without an encoder, content is told by words that hardly occur without it."""
        self._encoder = encoder

    def is_asked_for(self, options: UnderstandingOptions) -> bool:
        return options.safety_threshold is not None

    def find(self, transcript: FinishedTranscript, options: UnderstandingOptions) -> Findings:
        threshold = 1.0 if options.safety_threshold is None else options.safety_threshold
        sections = divide_into_sections(transcript.sentences)
        confidences, gravity = self._read(sections)
        flagged = [
            _safety_section(section, confident, grave, threshold)
            for section, confident, grave in zip(sections, confidences, gravity, strict=True)
            if (confident >= threshold).any()
        ]
        findings = Findings(
            safety=Safety(tuple(flagged), _confidences(flagged), _severities(flagged))
        )
        if self._encoder is None:
            return findings.by(self.name, "words", NOTICE)
        return findings.by(self.name, "encoder")

    def _read(self, sections: Sequence[Section]) -> tuple[Vectors, Vectors]:
        """How likely and how grave content of each label is in each section."""
        parts = [parts_of(section) for section in sections]
        texts = [text for some in parts for text in some]
        confident, grave = self._read_parts(texts)
        shape = (len(sections), len(LABELS))
        confidences = np.zeros(shape, dtype=np.float32)
        gravity = np.zeros(shape, dtype=np.float32)
        start = 0
        for row, some in enumerate(parts):
            rows = slice(start, start + len(some))
            start += len(some)
            confidences[row] = confident[rows].max(axis=0)
            shares = confident[rows] ** 2 + np.finfo(np.float32).tiny
            gravity[row] = (grave[rows] * shares).sum(axis=0) / shares.sum(axis=0)
        return confidences, gravity

    def _read_parts(self, texts: Sequence[str]) -> tuple[Vectors, Vectors]:
        if self._encoder is None:
            confident = confidences_by_words(texts)
            grave = np.full_like(confident, GRAVITY_BY_WORDS)
        else:
            head = load_safety_head()
            vectors = self._encoder.encode(texts)
            confident, grave = head.confidences(vectors), head.gravity(vectors)
        return add_swear_words(confident, texts), gravity_of_swearing(grave, texts)


def parts_of(section: Section) -> list[str]:
    """The texts that are read for a section: its sentences, short ones together."""
    parts: list[list[str]] = []
    n_words = 0
    for sentence in section.sentences:
        if parts and n_words < MIN_WORDS_ALONE:
            parts[-1].append(sentence.text)
            n_words += len(sentence.words)
        else:
            parts.append([sentence.text])
            n_words = len(sentence.words)
    if len(parts) > 1 and n_words < MIN_WORDS_ALONE:
        last = parts.pop()
        parts[-1] += last
    return [" ".join(part) for part in parts]


def _safety_section(
    section: Section, confident: Vectors, grave: Vectors, threshold: float
) -> SafetySection:
    labels = [
        SafetyLabel(
            kind.label,
            float(confident[column]),
            float(grave[column]) if kind.has_severity else None,
        )
        for column, kind in enumerate(KINDS)
        if confident[column] >= threshold
    ]
    return SafetySection(
        text=section.text,
        labels=tuple(sorted(labels, key=lambda one: -one.confidence)),
        first_sentence=section.first,
        last_sentence=section.last,
        start_ms=section.start_ms,
        end_ms=section.end_ms,
    )


def _confidences(sections: Sequence[SafetySection]) -> dict[str, float]:
    """Of each label that was found, how likely there is such content anywhere."""
    found: dict[str, float] = {}
    for section in sections:
        for one in section.labels:
            found[one.label] = max(found.get(one.label, 0.0), one.confidence)
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _severities(sections: Sequence[SafetySection]) -> dict[str, SeverityShares]:
    """Of each label that has a severity, the mean over its sections, by their length."""
    lengths: dict[str, list[int]] = {}
    severities: dict[str, list[float]] = {}
    for section in sections:
        for one in section.labels:
            if one.severity is not None:
                lengths.setdefault(one.label, []).append(len(section.text))
                severities.setdefault(one.label, []).append(one.severity)
    return {
        label: _shares(np.array(grave), np.array(lengths[label], dtype=np.float64))
        for label, grave in severities.items()
    }


def _shares(severities: Floats, lengths: Floats) -> SeverityShares:
    """A severity between two levels is part of both."""
    low = np.interp(severities, [LOW, MEDIUM], [1.0, 0.0]) @ lengths / lengths.sum()
    high = np.interp(severities, [MEDIUM, HIGH], [0.0, 1.0]) @ lengths / lengths.sum()
    # 1 - 0.9 - 0.1 is less than 0 in floats.
    return SeverityShares(float(low), max(0.0, float(1 - low - high)), float(high))
