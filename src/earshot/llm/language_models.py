"""The language models of this server, by the project that they work for."""

from collections.abc import Collection, Mapping, Sequence

from earshot.egress.client import GuardedClient
from earshot.llm.answers import LlmAnswers
from earshot.llm.client import AT_ONCE, LlmClient
from earshot.llm.endpoints import LlmEndpoint, choose_endpoint, find_endpoint
from earshot.llm.prose import LlmWriter


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
        tiers: Mapping[str, str] | None = None,
    ) -> None:
        """`timeout_s` is for one answer, of which `at_once` are awaited from each endpoint.

        The projects `without` one are given none, whatever endpoints there are. `tiers` are names
        of models, as callers have them, with the endpoints that stand behind them.
        """
        self._endpoints = tuple(endpoints)
        self._without = frozenset(without)
        self._tiers = dict(tiers or {})
        self.timeout_s = timeout_s
        self._clients = {
            one.name: LlmClient(client, one, timeout_s=timeout_s, at_once=at_once)
            for one in self._endpoints
        }
        self._answers = {name: LlmAnswers(one) for name, one in self._clients.items()}
        self._writers = {name: LlmWriter(one) for name, one in self._clients.items()}

    def of_project(self, project: str) -> LlmAnswers | None:
        """The endpoint that works for the project of that name; None where none does."""
        chosen = choose_endpoint(self._endpoints, project, self._without)
        return None if chosen is None else self._answers[chosen.name]

    def writer_of(self, project: str, model: str | None = None) -> LlmWriter | None:
        """The endpoint that stands behind the name of a model; None where none is for the project.

        Behind a name that nobody knows stands the project's own.
        """
        chosen = self._find(project, model)
        return None if chosen is None else self._writers[chosen.name]

    def client_of(self, project: str, model: str | None = None) -> LlmClient | None:
        """The same, to be asked in the caller's own words."""
        chosen = self._find(project, model)
        return None if chosen is None else self._clients[chosen.name]

    def models_of(self, project: str) -> Sequence[str]:
        """The names by which the project may ask for a model, those of `tiers` last."""
        named = [
            name
            for one in self._endpoints
            if self._find(project, one.name) is one
            for name in (one.name, one.model)
        ]
        behind = [tier for tier, name in self._tiers.items() if name in named]
        return tuple(dict.fromkeys((*named, *behind)))

    def _find(self, project: str, model: str | None) -> LlmEndpoint | None:
        return find_endpoint(
            self._endpoints, project, model, tiers=self._tiers, without=self._without
        )
