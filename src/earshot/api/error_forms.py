"""One table: path -> the form that errors have there, even where there is no such route."""

from collections.abc import Mapping
from typing import Final, Protocol

from fastapi.responses import JSONResponse

from earshot.api.errors import error_answer
from earshot.api.gateway import gateway_answer
from earshot.api.mavi import mavi_answer
from earshot.api.openai_errors import openai_answer
from earshot.api.problems import problem_answer


class ErrorAnswer(Protocol):
    """An answer of that status, which says this in the form of its API."""

    def __call__(
        self, status: int, message: str, headers: Mapping[str, str] | None = None
    ) -> JSONResponse: ...


_FORMS: Final[Mapping[str, ErrorAnswer]] = {
    "/v1/chat": gateway_answer,
    "/v1/models": gateway_answer,
    "/v1/understanding": gateway_answer,
    "/v1/audio": openai_answer,
    "/v1/transcribe": problem_answer,
    "/transcribe": problem_answer,
    "/v1/warm": problem_answer,
    "/serve/api/v2": mavi_answer,
}


def answer_at(path: str) -> ErrorAnswer:
    """How errors are answered there."""
    for root, answer in _FORMS.items():
        if path == root or path.startswith(f"{root}/"):
            return answer
    return error_answer
