"""The language models of this server, by the project that they work for."""

from collections.abc import Sequence

from earshot.egress.client import GuardedClient
from earshot.llm.answers import LlmAnswers
from earshot.llm.client import LlmClient
from earshot.llm.endpoints import LlmEndpoint, choose_endpoint


class LanguageModels:
    """Each endpoint with what it has been found to be able to; safe to share between threads."""

    def __init__(
        self, client: GuardedClient, endpoints: Sequence[LlmEndpoint], *, timeout_s: float
    ) -> None:
        """`timeout_s` is for one answer."""
        self._endpoints = tuple(endpoints)
        self._answers = {
            one.name: LlmAnswers(LlmClient(client, one, timeout_s=timeout_s))
            for one in self._endpoints
        }

    def of_project(self, project: str) -> LlmAnswers | None:
        """The endpoint that works for the project of that name; None where none does."""
        chosen = choose_endpoint(self._endpoints, project)
        return None if chosen is None else self._answers[chosen.name]
