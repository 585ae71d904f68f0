"""Temporary tokens: `/v3/token`, and the one of the first real-time API."""

import reprlib
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from earshot.accounts.tokens import TokenTerms, create_token
from earshot.api.auth import Caller
from earshot.api.bodies import ERROR_RESPONSES, Body, parse_object
from earshot.api.services import ApiServices, Services
from earshot.errors import RequestInvalid

router = APIRouter(tags=["Live"])

_KEPT: Final = ("type", "minimum", "maximum", "default")
MIN_REALTIME_TOKEN_S: Final = 60
MAX_REALTIME_TOKEN_S: Final = 360_000


class TokenQuery(BaseModel):
    """What a token is to be good for."""

    model_config = ConfigDict(extra="ignore", use_attribute_docstrings=True)

    expires_in_seconds: Annotated[int, Field(ge=1, le=600)]
    """Seconds within which a session must begin."""
    max_session_duration_seconds: Annotated[int, Field(ge=60, le=10_800)] = 10_800
    """Seconds that such a session may last."""


class _BodyTerms(TokenQuery):
    """The same, as far as it is in a body: numbers there, and not the text of numbers."""

    model_config = ConfigDict(strict=True)

    expires_in_seconds: Annotated[int, Field(ge=1, le=600)] = 1


class TokenBody(BaseModel):
    """A temporary token, in place of a key."""

    token: str
    expires_in_seconds: int
    """Seconds within which a session must begin."""


class RealtimeTokenBody(BaseModel):
    """A temporary token of the first real-time API, for one session."""

    token: str


_SCHEMA: Final = TokenQuery.model_json_schema()
_PARAMETERS: Final[list[dict[str, Any]]] = [
    {
        "name": name,
        "in": "query",
        "required": name in _SCHEMA["required"],
        "description": schema["description"],
        "schema": {kept: schema[kept] for kept in _KEPT if kept in schema},
    }
    for name, schema in _SCHEMA["properties"].items()
]
# Of a POST they may be in the body as well.
_OPTIONAL_PARAMETERS: Final = [{**one, "required": False} for one in _PARAMETERS]
_REALTIME_BODY: Final = {
    "type": "object",
    "required": ["expires_in"],
    "properties": {
        "expires_in": {
            "type": "integer",
            "minimum": MIN_REALTIME_TOKEN_S,
            "maximum": MAX_REALTIME_TOKEN_S,
            "description": "Seconds within which a session must begin.",
        }
    },
}


def _sent(schema: dict[str, Any], *, required: bool) -> dict[str, Any]:
    return {"required": required, "content": {"application/json": {"schema": schema}}}


@router.get(
    "/v3/token",
    summary="Make a temporary token for a live session",
    response_model=TokenBody,
    responses=ERROR_RESPONSES,
    openapi_extra={"parameters": _PARAMETERS},
)
def get_token(request: Request, services: Services, caller: Caller) -> Any:  # noqa: ANN401 - a body or an error
    return _make_token(services, caller.key_id, dict(request.query_params), {})


@router.post(
    "/v3/token",
    summary="Make a temporary token for a live session",
    response_model=TokenBody,
    responses=ERROR_RESPONSES,
    openapi_extra={
        "parameters": _OPTIONAL_PARAMETERS,
        "requestBody": _sent(
            {"type": "object", "properties": _SCHEMA["properties"]}, required=False
        ),
    },
)
def post_token(request: Request, services: Services, caller: Caller, body: Body) -> Any:  # noqa: ANN401 - as above
    """As GET; the parameters may also be in the body. Those of the query go before them."""
    in_body = parse_object(body) if body.strip() else {}
    in_body = {name: _whole(value) for name, value in in_body.items()}
    return _make_token(services, caller.key_id, dict(request.query_params), in_body)


@router.post(
    "/v2/realtime/token",
    summary="Make a temporary token of the first real-time API",
    responses=ERROR_RESPONSES,
    openapi_extra={"requestBody": _sent(_REALTIME_BODY, required=True)},
)
def post_realtime_token(services: Services, caller: Caller, body: Body) -> RealtimeTokenBody:
    lifetime_s = _realtime_lifetime_s(parse_object(body).get("expires_in"))
    with services.engine.begin() as conn:
        terms = TokenTerms(lifetime_s, is_single_use=True)  # "Token one-time use"
        token = create_token(conn, caller.key_id, terms, services.clock())
    return RealtimeTokenBody(token=token)


def _realtime_lifetime_s(value: object) -> int:
    if isinstance(value, int) and MIN_REALTIME_TOKEN_S <= value <= MAX_REALTIME_TOKEN_S:
        return value
    raise RequestInvalid(
        f"expires_in must be an integer between {MIN_REALTIME_TOKEN_S} and {MAX_REALTIME_TOKEN_S}"
    )


def _make_token(
    services: ApiServices, key_id: str, in_query: dict[str, str], in_body: dict[str, Any]
) -> TokenBody | JSONResponse:
    where = "body"
    try:
        _BodyTerms.model_validate(in_body)  # also what the query says otherwise
        where = "query"
        query = TokenQuery.model_validate({**in_body, **in_query})
    except ValidationError as error:
        return _invalid(error, where)
    terms = TokenTerms(
        query.expires_in_seconds,
        max_session_s=query.max_session_duration_seconds,
        is_single_use=services.live is not None and services.live.limits.has_single_use_tokens,
    )
    with services.engine.begin() as conn:
        token = create_token(conn, key_id, terms, services.clock())
    return TokenBody(token=token, expires_in_seconds=query.expires_in_seconds)


def _whole(value: object) -> object:
    """The integer, where JSON writes one with a point: "any number with a zero fractional part"."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _invalid(error: ValidationError, where: str) -> JSONResponse:
    """What is wrong: "400/401 with `error`, plus `detail` array"."""
    found = error.errors(include_url=False)
    detail = [{**one, "loc": [where, *one["loc"]]} for one in found]
    body = {"error": f"{found[0]['loc'][0]}: {found[0]['msg']}", "detail": detail}
    try:
        return JSONResponse(body, status_code=HTTPStatus.BAD_REQUEST)
    except (ValueError, RecursionError):  # what was sent: infinite, half a character, or too deep
        body["detail"] = [{**one, "input": reprlib.repr(one["input"])} for one in detail]
        return JSONResponse(body, status_code=HTTPStatus.BAD_REQUEST)
