"""`custom_topics`: how relevant each of the caller's topics is to each section."""

from collections.abc import Sequence

import numpy as np

from earshot.transcript.findings import FeatureName, Findings, Topics, TopicSection
from earshot.transcript.options import UnderstandingOptions
from earshot.understanding.encoder import TextEncoder
from earshot.understanding.feature import FinishedTranscript
from earshot.understanding.sections import divide_into_sections
from earshot.understanding.topic_head import load_topic_head
from earshot.understanding.topic_scores import most_relevant

MAX_TOPICS = 100
MAX_CHARS = 200  # of a topic that are read

NOTICE = (
    "custom_topics went by words alone, which is less exact: the text encoder is not on this "
    "server. Its operator gets it with: earshot models pull minilm"
)


BY_PLACE = (
    "custom_topics_result has your topics by their places in the list, 'topic 1' for the first: "
    "with redact_pii nothing is kept of what you wrote"
)


class CustomTopicsFeature:
    """All topics of the caller's, by relevance, for every section and for the whole."""

    name: FeatureName = "custom_topics"
    is_english_only = True

    def __init__(self, encoder: TextEncoder | None) -> None:
        """Without an encoder, topics are told by their own words."""
        self._encoder = encoder

    def is_asked_for(self, options: UnderstandingOptions) -> bool:
        return bool(options.custom_topics)

    def find(self, transcript: FinishedTranscript, options: UnderstandingOptions) -> Findings:
        names = options.custom_topics[:MAX_TOPICS]
        sections = divide_into_sections(transcript.sentences)
        texts = [section.text for section in sections]
        relevances = load_topic_head().relevances_of_strangers(
            texts, [name[:MAX_CHARS] for name in names], self._encoder
        )
        labels = names if not transcript.is_redacted else _places(names)
        lengths = np.array([len(text) for text in texts], dtype=np.float32)
        whole = lengths @ relevances / max(1.0, float(lengths.sum()))
        topics = Topics(
            sections=tuple(
                TopicSection(
                    text=text,
                    topics=most_relevant(labels, row, len(labels)),
                    start_ms=section.start_ms,
                    end_ms=section.end_ms,
                )
                for section, text, row in zip(sections, texts, relevances, strict=True)
            ),
            whole=most_relevant(labels, whole, len(labels)),
        )
        notices = [] if self._encoder is not None else [NOTICE]
        if len(options.custom_topics) > MAX_TOPICS:
            notices.append(f"custom_topics read the first {MAX_TOPICS} topics only")
        if transcript.is_redacted:
            notices.append(BY_PLACE)
        method = "words" if self._encoder is None else "encoder"
        notice = "; ".join(notices) or None
        return Findings(custom_topics=topics).by(self.name, method, notice)


def _places(names: Sequence[str]) -> tuple[str, ...]:
    """What stands for topics that may hold what is hidden."""
    return tuple(f"topic {number}" for number in range(1, len(names) + 1))
