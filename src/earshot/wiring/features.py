"""The features that find out about transcripts, ready to run."""

from pydantic import BaseModel

from earshot.egress.client import GuardedClient
from earshot.llm.answers import LlmAnswers
from earshot.llm.client import Budget, LlmClient
from earshot.llm.endpoints import LlmEndpoint
from earshot.llm.language_models import LanguageModels
from earshot.settings import Settings
from earshot.understanding.encoder import TextEncoder
from earshot.understanding.entities.candidates import Tagger
from earshot.understanding.entities.tagger import TrainedTagger
from earshot.understanding.feature import Feature
from earshot.understanding.features.chapters import ChaptersFeature
from earshot.understanding.features.content_safety import SafetyFeature
from earshot.understanding.features.custom_formatting import CustomFormattingFeature
from earshot.understanding.features.custom_topics import CustomTopicsFeature
from earshot.understanding.features.entities import EntitiesFeature
from earshot.understanding.features.highlights import HighlightsFeature
from earshot.understanding.features.iab_categories import TopicsFeature
from earshot.understanding.features.sentiment import SentimentFeature
from earshot.understanding.features.speaker_identification import SpeakerIdentificationFeature
from earshot.understanding.features.summary import SummaryFeature
from earshot.understanding.features.translation import TranslationFeature

# Whoever waits for an answer to a request has given up by then.
REQUEST_BUDGET_S = 120.0


def build_features(settings: Settings, encoder: TextEncoder | None) -> tuple[Feature, ...]:
    """The features that compute, in the order in which they run; while one does, it has a core.

    Without an encoder those that would read with it have another way.
    """
    features: tuple[Feature, ...] = (
        HighlightsFeature(),
        EntitiesFeature(TrainedTagger(encoder), has_encoder=encoder is not None),
        CustomFormattingFeature(),
        TopicsFeature(encoder),
        SafetyFeature(encoder),
        CustomTopicsFeature(encoder),
        SentimentFeature(encoder),
    )
    if settings.llm_endpoints:
        return features
    return (
        *features,
        ChaptersFeature(),
        SummaryFeature(),
        SpeakerIdentificationFeature(),
        TranslationFeature(),
    )


def build_tagger(encoder: TextEncoder | None) -> Tagger | None:
    """What finds names that must be hidden; None without an encoder: too many would be left."""
    return None if encoder is None else TrainedTagger(encoder)


def build_asking_features(settings: Settings, models: LanguageModels) -> tuple[Feature, ...]:
    """Those that wait for language models, in their order; while one does, it has no core."""
    if not settings.llm_endpoints:
        return ()
    return (
        ChaptersFeature(models),
        SummaryFeature(models),
        SpeakerIdentificationFeature(models),
        TranslationFeature(models),
    )


def build_features_on_request(models: LanguageModels) -> tuple[Feature, ...]:
    """Those that a caller may ask for of a finished transcript, and waits for."""
    return (
        CustomFormattingFeature(),
        SpeakerIdentificationFeature(models, budget_s=REQUEST_BUDGET_S),
        TranslationFeature(models, budget_s=REQUEST_BUDGET_S),
    )


def build_language_models(settings: Settings) -> LanguageModels:
    """The language models of this server; there may be none."""
    return LanguageModels(
        GuardedClient(extra_ca_file=settings.extra_ca_file),
        settings.llm_endpoints,
        timeout_s=settings.llm_timeout_s,
        at_once=settings.llm_at_once,
        without=settings.llm_except,
        tiers=settings.llm_of_tier,
    )


class _Sign(BaseModel):
    """What a language model answers to doctor."""

    is_there: bool


def ask_for_a_sign(endpoint: LlmEndpoint, settings: Settings) -> None:
    """Have the language model answer something, in the way of all questions; raises LlmFailed."""
    client = GuardedClient(extra_ca_file=settings.extra_ca_file)
    answers = LlmAnswers(LlmClient(client, endpoint, timeout_s=settings.llm_timeout_s))
    budget = Budget(settings.llm_timeout_s)
    answers.ask("Say that you are there.", "Are you there?", _Sign, budget, max_tokens=50)
