"""The features that find out about transcripts, ready to run."""

from earshot.egress.client import GuardedClient
from earshot.llm.client import Budget, LlmClient, Message
from earshot.llm.endpoints import LlmEndpoint
from earshot.llm.language_models import LanguageModels
from earshot.settings import Settings
from earshot.understanding.encoder import TextEncoder
from earshot.understanding.feature import Feature
from earshot.understanding.features.chapters import ChaptersFeature
from earshot.understanding.features.entities import EntitiesFeature
from earshot.understanding.features.highlights import HighlightsFeature
from earshot.understanding.features.summary import SummaryFeature


def build_features(settings: Settings, encoder: TextEncoder | None) -> tuple[Feature, ...]:
    """The features that compute, in the order in which they run; while one does, it has a core.

    Without an encoder those that would read with it have another way.
    """
    features: tuple[Feature, ...] = (HighlightsFeature(), EntitiesFeature())
    if settings.llm_endpoints:
        return features
    return (*features, ChaptersFeature(), SummaryFeature())


def build_asking_features(settings: Settings) -> tuple[Feature, ...]:
    """Those that wait for language models, in their order; while one does, it has no core."""
    if not settings.llm_endpoints:
        return ()
    models = build_language_models(settings)
    return (ChaptersFeature(models), SummaryFeature(models))


def build_language_models(settings: Settings) -> LanguageModels:
    """The language models of this server; there may be none."""
    return LanguageModels(
        GuardedClient(extra_ca_file=settings.extra_ca_file),
        settings.llm_endpoints,
        timeout_s=settings.llm_timeout_s,
    )


def ask_for_a_sign(endpoint: LlmEndpoint, settings: Settings) -> None:
    """Have the language model answer something; raises LlmFailed."""
    client = GuardedClient(extra_ca_file=settings.extra_ca_file)
    asked = LlmClient(client, endpoint, timeout_s=settings.llm_timeout_s)
    budget = Budget(settings.llm_timeout_s)
    asked.complete([Message("user", "Say yes.")], budget, max_tokens=16)
