"""Understanding on request: of a transcript that is finished, while its owner waits."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from earshot.errors import TooManyRequests
from earshot.llm.language_models import LanguageModels
from earshot.pipeline.understanding import understand_finished
from earshot.transcript.options import RedactionOptions, UnderstandingOptions
from earshot.transcript.result import TranscriptResult
from earshot.wiring.features import build_features_on_request

# Each holds a thread of the API, of which there are 40; and no project all that there are.
MAX_AT_ONCE = 8
MAX_OF_PROJECT = 4


class UnderstandingOnRequest:
    """Finds out about finished transcripts; safe to share between threads."""

    def __init__(
        self,
        models: LanguageModels,
        *,
        max_at_once: int = MAX_AT_ONCE,
        max_of_project: int = MAX_OF_PROJECT,
    ) -> None:
        self._models = models
        self._features = build_features_on_request(models)
        self._max_at_once = max_at_once
        self._max_of_project = max_of_project
        self._under_way: Counter[str] = Counter()  # by project
        self._lock = Lock()

    def has_language_model(self, project_name: str) -> bool:
        return self._models.of_project(project_name) is not None

    def understand(
        self,
        result: TranscriptResult,
        options: UnderstandingOptions,
        project_name: str,
        redaction: RedactionOptions | None = None,
    ) -> TranscriptResult:
        """The result with what is found; raises TooManyRequests where others wait already."""
        with self._turn(project_name):
            return understand_finished(
                result, options, self._features, project=project_name, redaction=redaction
            )

    @contextmanager
    def _turn(self, project_name: str) -> Iterator[None]:
        with self._lock:
            of_project = self._under_way[project_name]
            if of_project >= self._max_of_project or self._under_way.total() >= self._max_at_once:
                raise TooManyRequests
            self._under_way[project_name] += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way[project_name] -= 1
                self._under_way += Counter()  # forgets those that have none
