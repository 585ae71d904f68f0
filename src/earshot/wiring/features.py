"""The features that find out about transcripts, ready to run."""

from earshot.understanding.feature import Feature
from earshot.understanding.features.highlights import HighlightsFeature


def build_features() -> tuple[Feature, ...]:
    """Every feature, in the order in which they run."""
    return (HighlightsFeature(),)
