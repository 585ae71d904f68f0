"""The features that find out about transcripts, ready to run."""

from earshot.egress.client import GuardedClient
from earshot.llm.language_models import LanguageModels
from earshot.settings import Settings
from earshot.understanding.feature import Feature
from earshot.understanding.features.chapters import ChaptersFeature
from earshot.understanding.features.entities import EntitiesFeature
from earshot.understanding.features.highlights import HighlightsFeature
from earshot.understanding.features.summary import SummaryFeature


def build_features(settings: Settings) -> tuple[Feature, ...]:
    """Every feature, in the order in which they run."""
    models = LanguageModels(
        GuardedClient(extra_ca_file=settings.extra_ca_file),
        settings.llm_endpoints,
        timeout_s=settings.llm_timeout_s,
    )
    return (
        HighlightsFeature(),
        EntitiesFeature(),
        ChaptersFeature(models),
        SummaryFeature(models),
    )
