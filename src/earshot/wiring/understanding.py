"""Understanding on request: of a transcript that is finished, while its owner waits."""

from threading import BoundedSemaphore

from earshot.errors import TooManyRequests
from earshot.llm.language_models import LanguageModels
from earshot.pipeline.understanding import understand_finished
from earshot.settings import Settings
from earshot.transcript.options import RedactionOptions, UnderstandingOptions
from earshot.transcript.result import TranscriptResult
from earshot.wiring.features import build_features_on_request, build_language_models

# Each holds a thread of the API, of which there are 40.
MAX_AT_ONCE = 8


class UnderstandingOnRequest:
    """Finds out about finished transcripts; safe to share between threads."""

    def __init__(self, models: LanguageModels, *, max_at_once: int = MAX_AT_ONCE) -> None:
        self._models = models
        self._features = build_features_on_request(models)
        self._turns = BoundedSemaphore(max_at_once)

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
        if not self._turns.acquire(blocking=False):
            raise TooManyRequests
        try:
            return understand_finished(
                result, options, self._features, project=project_name, redaction=redaction
            )
        finally:
            self._turns.release()


def build_understanding(settings: Settings) -> UnderstandingOnRequest:
    return UnderstandingOnRequest(build_language_models(settings))
