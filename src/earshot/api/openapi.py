"""The description of the API that the server gives of itself."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from earshot.api.schemas.transcript_request import TranscriptRequest

_REF = "#/components/schemas/{model}"


def describe_api(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of every route, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
        )
        _add_request_body(document)
        app.openapi_schema = document
    return app.openapi_schema


def _add_request_body(document: dict[str, Any]) -> None:
    """Describe the body that the submit route checks by itself, with its own messages."""
    schema = TranscriptRequest.model_json_schema(ref_template=_REF)
    schemas = document["components"]["schemas"]
    for name, nested in schema.pop("$defs").items():
        schemas.setdefault(name, nested)
    schemas["TranscriptRequest"] = schema
