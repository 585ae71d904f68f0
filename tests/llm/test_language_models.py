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
