"""The features that find out about transcripts, ready to run."""

from earshot.egress.client import GuardedClient
from earshot.llm.client import Budget, LlmClient, Message
from earshot.llm.endpoints import LlmEndpoint
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


def ask_for_a_sign(endpoint: LlmEndpoint, settings: Settings) -> None:
    """Have the language model answer something; raises LlmFailed."""
    client = GuardedClient(extra_ca_file=settings.extra_ca_file)
    asked = LlmClient(client, endpoint, timeout_s=settings.llm_timeout_s)
    budget = Budget(settings.llm_timeout_s)
    asked.complete([Message("user", "Say yes.")], budget, max_tokens=16)
