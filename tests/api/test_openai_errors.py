import json

import pytest

from earshot.api.openai_errors import openai_fault, render_openai_error
from earshot.errors import (
    DatabaseUnavailable,
    EarshotError,
    KeyInvalid,
    ModelUnknown,
    PlacesTaken,
    RequestInvalid,
    TooManyRequests,
)


@pytest.mark.parametrize(
    ("error", "status", "kind", "code"),
    [
        (RequestInvalid("no"), 400, "invalid_request_error", None),
        (KeyInvalid(), 401, "authentication_error", "invalid_api_key"),
        (ModelUnknown("x", ["y"]), 404, "invalid_request_error", "model_not_found"),
        (TooManyRequests(), 429, "rate_limit_error", "too_many_requests"),
        (PlacesTaken(), 503, "server_error", "places_taken"),
        (DatabaseUnavailable(), 503, "server_error", "database_unavailable"),
    ],
)
def test_errors_have_the_types_and_codes_that_sdks_know(
    error: EarshotError, status: int, kind: str, code: str | None
) -> None:
    answer = render_openai_error(error)
    fault = json.loads(bytes(answer.body))["error"]
    assert (answer.status_code, fault["type"], fault["code"]) == (status, kind, code)
    assert fault["message"]
    assert len(answer.headers["x-request-id"]) == 36


def test_of_our_own_faults_no_more_is_told_than_that() -> None:
    assert openai_fault(ZeroDivisionError("secret")).error.message == "Internal Server Error"
