import json

import pytest

from earshot.api.errors import error_response, status_of
from earshot.api.openai_errors import render_openai_error
from earshot.api.problems import render_problem
from earshot.errors import (
    BodyTooLarge,
    DatabaseUnavailable,
    DecoderFailed,
    JobAlreadyEnded,
    KeyInvalid,
    ModelMissing,
    ModelsUnusable,
    RequestInvalid,
    StorageFull,
    SyncNotServed,
    TranscriptNotFound,
    TransitionImpossible,
    UploadEmpty,
    UploadOfAnotherProject,
    UploadTooLarge,
)


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (RequestInvalid("a must be b"), 400, "a must be b"),
        (TranscriptNotFound(), 400, "Transcript lookup error, transcript id not found"),
        (UploadEmpty(), 400, "Upload failed: the request body is empty"),
        (
            JobAlreadyEnded("completed"),
            400,
            "This transcript has a status of 'completed' and cannot be cancelled.",
        ),
        (KeyInvalid(), 401, "Authentication error, API token missing/invalid"),
        (UploadOfAnotherProject(), 403, "Cannot access uploaded file"),
        (UploadTooLarge(10), 413, "Upload failed: the file is larger than 10 bytes"),
        (BodyTooLarge(10), 413, "Request body must be at most 10 bytes"),
        (DatabaseUnavailable(), 503, "The database is not available right now; try again"),
        (
            StorageFull(),
            507,
            "Insufficient storage on this server; nothing was kept of this request",
        ),
        (ModelMissing("secret path"), 500, "Internal Server Error"),
        (DecoderFailed("secret path"), 500, "Internal Server Error"),
        (TransitionImpossible(expected="a", met="b"), 500, "Internal Server Error"),
        (ValueError("secret path"), 500, "Internal Server Error"),
    ],
)
def test_each_error_has_its_status_and_text(error: Exception, status: int, text: str) -> None:
    response = error_response(error)
    assert response.status_code == status_of(error) == status
    assert json.loads(bytes(response.body)) == {"error": text}


def test_a_process_without_models_invites_nobody_to_try_again() -> None:
    error = SyncNotServed()
    for answer in (error_response(error), render_problem(error), render_openai_error(error)):
        assert answer.status_code == 503
        assert "retry-after" not in answer.headers
        assert "--role live" in bytes(answer.body).decode()


def test_models_that_cannot_be_loaded_invite_nobody_to_try_again() -> None:
    for answer in (error_response(ModelsUnusable()), render_problem(ModelsUnusable())):
        assert answer.status_code == 503
        assert "retry-after" not in answer.headers


def test_a_database_that_is_away_for_a_moment_says_when_to_try_again() -> None:
    assert error_response(DatabaseUnavailable()).headers["retry-after"] == "1"
