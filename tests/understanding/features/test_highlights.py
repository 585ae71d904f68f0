from earshot.transcript.options import UnderstandingOptions
from earshot.transcript.words import Word
from earshot.understanding.feature import FinishedTranscript
from earshot.understanding.features.highlights import MAX_PHRASES, HighlightsFeature

SAID = tuple(Word(f"noun{letter},", 0, 9, 0.9) for letter in "abcdefghijklmnopqrstuvwxyz")


def test_the_feature_says_its_method() -> None:
    feature = HighlightsFeature()
    options = UnderstandingOptions(key_phrases=True)
    assert feature.is_asked_for(options)
    assert not feature.is_asked_for(UnderstandingOptions())
    findings = feature.find(FinishedTranscript(SAID, "en_us"), options)
    assert [(m.feature, m.name) for m in findings.methods] == [("auto_highlights", "statistical")]
    assert len(findings.key_phrases or ()) == MAX_PHRASES
