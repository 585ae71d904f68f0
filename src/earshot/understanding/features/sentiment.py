"""`sentiment_analysis`: what is felt of what each sentence says."""

from collections.abc import Iterator, Sequence

from earshot.transcript.findings import FeatureName, Findings, SentenceSentiment
from earshot.transcript.options import UnderstandingOptions
from earshot.transcript.sentences import Sentence
from earshot.understanding.encoder import TextEncoder, TokenStates
from earshot.understanding.feature import FinishedTranscript
from earshot.understanding.sentiment_head import FEELINGS, load_sentiment_head

NOTICE = (
    "sentiment_analysis went by words alone, which is less exact: the text encoder is not on this "
    "server. Its operator gets it with: earshot models pull minilm"
)
_SENTENCES_AT_ONCE = 256  # whose tokens' states are in memory: about 15 MB


class SentimentFeature:
    """The sentiment of every sentence, with how likely it is."""

    name: FeatureName = "sentiment_analysis"
    is_english_only = True

    def __init__(self, encoder: TextEncoder | None) -> None:
        self._encoder = encoder

    def is_asked_for(self, options: UnderstandingOptions) -> bool:
        return options.sentiment

    def find(self, transcript: FinishedTranscript, options: UnderstandingOptions) -> Findings:
        del options  # there is nothing to choose
        findings = Findings(sentiments=tuple(self._read(transcript.sentences)))
        if self._encoder is None:
            return findings.by(self.name, "words", NOTICE)
        return findings.by(self.name, "encoder")

    def _read(self, sentences: Sequence[Sentence]) -> Iterator[SentenceSentiment]:
        head = load_sentiment_head()
        for start in range(0, len(sentences), _SENTENCES_AT_ONCE):
            part = sentences[start : start + _SENTENCES_AT_ONCE]
            for sentence, tokens in zip(part, self._states_of(part), strict=True):
                text = sentence.text
                shares = head.read(text, tokens)
                best = int(shares.argmax())
                yield SentenceSentiment(
                    text=text,
                    start_ms=sentence.start_ms,
                    end_ms=sentence.end_ms,
                    feeling=FEELINGS[best],
                    confidence=float(shares[best]),
                    speaker=sentence.speaker,
                    channel=sentence.channel,
                )

    def _states_of(self, sentences: Sequence[Sentence]) -> Sequence[TokenStates | None]:
        if self._encoder is None:
            return [None] * len(sentences)
        return self._encoder.encode_tokens([sentence.text for sentence in sentences])
