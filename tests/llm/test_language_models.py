from earshot.egress.client import GuardedClient
from earshot.llm.endpoints import LlmEndpoint
from earshot.llm.language_models import LanguageModels

LEGAL = LlmEndpoint("legal", "http://127.0.0.1:1/v1", "large", projects=("law",))


def test_a_project_is_given_the_endpoint_that_works_for_it() -> None:
    models = LanguageModels(GuardedClient(), [LEGAL], timeout_s=60)
    chosen = models.of_project("law")
    assert chosen is not None
    assert chosen.name == "legal"
    assert models.of_project("law") is chosen
    assert models.of_project("default") is None


def test_a_project_may_be_kept_from_all_of_them() -> None:
    everybodys = LlmEndpoint("any", "http://127.0.0.1:1/v1", "small")
    models = LanguageModels(GuardedClient(), [everybodys], timeout_s=60, without=["law"])
    assert models.of_project("law") is None
    assert models.of_project("default") is not None


OPEN = LlmEndpoint("open", "http://127.0.0.1:1/v1", "small")
LARGE = LlmEndpoint("large", "http://127.0.0.1:1/v1", "large")


def name_of(models: LanguageModels, project: str, model: str | None) -> str | None:
    writer, client = models.writer_of(project, model), models.client_of(project, model)
    assert (writer is None) == (client is None)
    if writer is None or client is None:
        return None
    assert writer.name == client.name
    return writer.name


def test_a_name_is_that_of_an_endpoint_of_its_model_or_a_tier() -> None:
    tiers = {"claude-3-opus": "large", "gpt-5": "nowhere"}
    models = LanguageModels(GuardedClient(), [OPEN, LARGE], timeout_s=5, tiers=tiers)
    for model, name in [
        (None, "open"),
        ("default", "open"),
        ("gpt-5", "open"),
        ("small", "open"),
        ("large", "large"),
        ("anthropic/claude-3-opus", "large"),
        ("claude-3-opus", "large"),
    ]:
        assert name_of(models, "default", model) == name
    assert models.models_of("default") == ("open", "small", "large", "claude-3-opus")


def test_what_is_for_a_project_by_name_is_all_that_its_words_go_to() -> None:
    models = LanguageModels(GuardedClient(), [OPEN, LEGAL], timeout_s=5, without=["press"])
    assert name_of(models, "law", "open") == "legal"
    assert models.models_of("law") == ("legal", "large")
    assert name_of(models, "default", "legal") == "open"
    assert models.models_of("default") == ("open", "small")
    assert name_of(models, "press", "open") is None
    assert models.models_of("press") == ()
