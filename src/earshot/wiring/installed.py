"""What is installed of models and engines, and where more comes from. It loads none of them."""

from collections.abc import Callable

from earshot.egress.client import GuardedClient
from earshot.egress.files import FileFetcher
from earshot.errors import SettingsInvalid
from earshot.models.hub import Hub
from earshot.models.store import ModelStore
from earshot.recognition.catalog import Offer, installed_engines
from earshot.recognition.language import ENGLISH
from earshot.recognition.language_codes import language_of
from earshot.recognition.preferences import choose_offer
from earshot.settings import Settings
from earshot.transcript.options import TranscriptOptions
from earshot.understanding.catalog import ENCODER

DEFAULT_ENGINE = "moonshine"
DIARIZER = "pyannote"


def open_models(settings: Settings) -> ModelStore:
    return ModelStore(settings.models, settings.own_model_specs)


def offered_engines(settings: Settings, store: ModelStore) -> tuple[Offer, ...]:
    """The engines that transcribe here: installed, and within the memory that they may take."""
    limit = settings.engines.max_loaded_bytes
    return tuple(one for one in installed_engines(store) if one.n_bytes <= limit)


def tells_speakers(store: ModelStore) -> bool:
    """Whether speakers can be told apart, as far as is known here.

    Where there are no models at all, workers elsewhere have them.
    """
    return store.is_present(DIARIZER) or not store.is_present(DEFAULT_ENGINE)


def finds_names(store: ModelStore) -> bool:
    """Whether names are found well enough to be hidden, as far as is known here; likewise."""
    return store.is_present(ENCODER) or not store.is_present(DEFAULT_ENGINE)


def read_tiers(settings: Settings, store: ModelStore) -> dict[str, str]:
    """Name of a tier -> name of its engine; SettingsInvalid where a name is no model's.

    It need not be installed: then the next tier, or the language, decides.
    """
    engines = {spec.name: spec.engine.speech_model for spec in store.specs() if spec.engine}
    by_either_name = {engine: engine for engine in engines.values()} | engines
    for tier, name in settings.engine_of_tier.items():
        if name not in by_either_name:
            known = ", ".join(engines)
            raise SettingsInvalid(f"EARSHOT_TIERS: {tier}={name} names no model; known: {known}")
    return {tier: by_either_name[name] for tier, name in settings.engine_of_tier.items()}


def speech_translator(settings: Settings, store: ModelStore) -> Callable[[TranscriptOptions], bool]:
    """Says of a recording whether the engine that will transcribe it can also write English.

    Of one whose language is yet to be detected, whether any engine can.
    """
    offers, tiers = offered_engines(settings, store), read_tiers(settings, store)

    def translates(options: TranscriptOptions) -> bool:
        if options.language_detection is not None:
            return any(ENGLISH in offer.translates_into for offer in offers)
        code = options.language_code
        chosen = choose_offer(offers, code, options.speech_models, tiers)
        speaks_another = language_of(code) != ENGLISH
        return speaks_another and chosen is not None and ENGLISH in chosen.translates_into

    return translates


def build_hub(settings: Settings) -> Hub:
    """The hub that models are pulled from, reached through the guarded client."""
    token = settings.hub_token
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    client = GuardedClient(extra_ca_file=settings.extra_ca_file)
    return Hub(settings.hub_url, FileFetcher(client, settings.hub_url, headers).fetch)
