"""`auto_highlights`: the key phrases of the whole transcript."""

from earshot.transcript.findings import FeatureName, Findings
from earshot.transcript.options import UnderstandingOptions
from earshot.understanding.feature import FinishedTranscript
from earshot.understanding.key_phrases import find_key_phrases

MAX_PHRASES = 15  # as many as the compatible API gives for its example of 281 s


class HighlightsFeature:
    """Key phrases with all their places."""

    name: FeatureName = "auto_highlights"
    is_english_only = True

    def is_asked_for(self, options: UnderstandingOptions) -> bool:
        return options.key_phrases

    def find(self, transcript: FinishedTranscript, options: UnderstandingOptions) -> Findings:
        del options  # there is nothing to choose
        phrases = find_key_phrases(transcript.sentences, MAX_PHRASES)
        return Findings(key_phrases=phrases).by(self.name, "statistical")
