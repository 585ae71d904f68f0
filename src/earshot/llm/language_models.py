"""The language models of this server, by the project that they work for."""

from collections.abc import Collection, Sequence

from earshot.egress.client import GuardedClient
from earshot.llm.answers import LlmAnswers
from earshot.llm.client import AT_ONCE, LlmClient
from earshot.llm.endpoints import LlmEndpoint, choose_endpoint


class LanguageModels:
    """Each endpoint with what it has been found to be able to; safe to share between threads."""

    def __init__(
        self,
        client: GuardedClient,
        endpoints: Sequence[LlmEndpoint],
        *,
        timeout_s: float,
        at_once: int = AT_ONCE,
        without: Collection[str] = (),
    ) -> None:
        """`timeout_s` is for one answer, of which `at_once` are awaited from each endpoint.

        The projects `without` one are given none, whatever endpoints there are.
        """
        self._endpoints = tuple(endpoints)
        self._without = frozenset(without)
        self._answers = {
            one.name: LlmAnswers(LlmClient(client, one, timeout_s=timeout_s, at_once=at_once))
            for one in self._endpoints
        }

    def of_project(self, project: str) -> LlmAnswers | None:
        """The endpoint that works for the project of that name; None where none does."""
        chosen = choose_endpoint(self._endpoints, project, self._without)
        return None if chosen is None else self._answers[chosen.name]
