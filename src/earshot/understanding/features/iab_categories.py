"""`iab_categories`: what each section is about, among the topics of the API's list."""

import numpy as np

from earshot.transcript.findings import FeatureName, Findings, Topics, TopicSection
from earshot.transcript.options import UnderstandingOptions
from earshot.understanding.encoder import TextEncoder
from earshot.understanding.feature import FinishedTranscript
from earshot.understanding.sections import divide_into_sections
from earshot.understanding.topic_head import load_topic_head
from earshot.understanding.topic_labels import load_topic_labels
from earshot.understanding.topic_scores import most_relevant, topics_of_whole

# "10 labels per section"; "20 entries" of the summary
N_PER_SECTION = 10
N_OF_WHOLE = 20

NOTICE = (
    "iab_categories went by words alone, which is less exact: the text encoder is not on this "
    "server. Its operator gets it with: earshot models pull minilm"
)


class TopicsFeature:
    """Topics of every section, and of the whole."""

    name: FeatureName = "iab_categories"
    is_english_only = True

    def __init__(self, encoder: TextEncoder | None) -> None:
        """Without an encoder, topics are told by the words that talk of them has."""
        self._encoder = encoder

    def is_asked_for(self, options: UnderstandingOptions) -> bool:
        return options.topics

    def find(self, transcript: FinishedTranscript, options: UnderstandingOptions) -> Findings:
        del options  # there is nothing to choose
        sections = divide_into_sections(transcript.sentences)
        texts = [section.text for section in sections]
        vectors = None if self._encoder is None else self._encoder.encode(texts)
        relevances = load_topic_head().relevances(texts, vectors)
        names = [label.label for label in load_topic_labels()]
        lengths = np.array([len(text) for text in texts], dtype=np.float32)
        topics = Topics(
            sections=tuple(
                TopicSection(
                    text=text,
                    topics=most_relevant(names, row, N_PER_SECTION),
                    start_ms=section.start_ms,
                    end_ms=section.end_ms,
                )
                for section, text, row in zip(sections, texts, relevances, strict=True)
            ),
            whole=topics_of_whole(names, relevances, lengths, N_OF_WHOLE),
        )
        findings = Findings(topics=topics)
        if self._encoder is None:
            return findings.by(self.name, "words", NOTICE)
        return findings.by(self.name, "encoder")
