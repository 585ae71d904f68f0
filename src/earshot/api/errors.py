"""One table: error class -> status. Every error answer is `{"error": "<string>"}`."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from fastapi.responses import JSONResponse

from earshot.errors import (
    AdminApiOff,
    BodyTooLarge,
    CallerError,
    ClipTooLong,
    DatabaseUnavailable,
    EarshotError,
    FormExpected,
    IdempotencyKeyReused,
    KeyInvalid,
    KeyNotFound,
    LanguageModelUnavailable,
    LemurRequestNotFound,
    LiveSessionNotFound,
    MediaLinkInvalid,
    ModelsLoading,
    ModelsUnusable,
    ModelUnknown,
    NameTaken,
    OperatorError,
    PlacesTaken,
    ProjectNamedInSettings,
    ProjectNotFound,
    ServerStopping,
    StorageFull,
    SyncNotServed,
    TokenExpired,
    TokenUsed,
    TooManyRequests,
    TranscriptTooLate,
    UploadOfAnotherProject,
    UploadTooLarge,
)

STATUS_OF: Final[Mapping[type[EarshotError], HTTPStatus]] = {
    # Unknown ids included: the contract's 400, not 404 (its conflict C4).
    CallerError: HTTPStatus.BAD_REQUEST,
    KeyInvalid: HTTPStatus.UNAUTHORIZED,
    TokenExpired: HTTPStatus.UNAUTHORIZED,
    TokenUsed: HTTPStatus.UNAUTHORIZED,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    LiveSessionNotFound: HTTPStatus.NOT_FOUND,
    LemurRequestNotFound: HTTPStatus.NOT_FOUND,
    AdminApiOff: HTTPStatus.NOT_FOUND,
    ProjectNotFound: HTTPStatus.NOT_FOUND,
    KeyNotFound: HTTPStatus.NOT_FOUND,
    NameTaken: HTTPStatus.CONFLICT,
    ProjectNamedInSettings: HTTPStatus.CONFLICT,
    IdempotencyKeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    MediaLinkInvalid: HTTPStatus.FORBIDDEN,
    UploadOfAnotherProject: HTTPStatus.FORBIDDEN,
    UploadTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ClipTooLong: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    FormExpected: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    ModelUnknown: HTTPStatus.NOT_FOUND,
    OperatorError: HTTPStatus.INTERNAL_SERVER_ERROR,
    LanguageModelUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    PlacesTaken: HTTPStatus.SERVICE_UNAVAILABLE,
    ModelsLoading: HTTPStatus.SERVICE_UNAVAILABLE,
    ModelsUnusable: HTTPStatus.SERVICE_UNAVAILABLE,
    SyncNotServed: HTTPStatus.SERVICE_UNAVAILABLE,
    TranscriptTooLate: HTTPStatus.GATEWAY_TIMEOUT,
    DatabaseUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    ServerStopping: HTTPStatus.SERVICE_UNAVAILABLE,
    StorageFull: HTTPStatus.INSUFFICIENT_STORAGE,
}
"""The nearest ancestor in the table decides."""

INTERNAL_ERROR: Final = "Internal Server Error"

_RETRY_AFTER_S = 1  # how long a busy database, or a full house, is likely to stay so


def status_of(error: Exception) -> HTTPStatus:
    for ancestor in type(error).__mro__:
        if ancestor in STATUS_OF:
            return STATUS_OF[ancestor]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def error_response(error: Exception) -> JSONResponse:
    """The answer to whoever met the error; of our own faults it tells no more than that."""
    status = status_of(error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return error_answer(status, INTERNAL_ERROR)
    return error_answer(status, str(error), retry_headers(error))


def retry_headers(error: Exception) -> dict[str, str] | None:
    """When to try again, where that is sure to help."""
    if isinstance(error, SyncNotServed | ModelsUnusable):
        return None  # this process will never have models, or not before somebody mends them
    if status_of(error) in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS):
        return {"Retry-After": str(_RETRY_AFTER_S)}
    return None


def error_answer(
    status: int, message: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    return JSONResponse({"error": message}, status_code=status, headers=headers)
