"""The description of the API that the server gives of itself."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from earshot.api.problems import ProblemBody
from earshot.api.schemas.admin import NewKeyBody, NewProjectBody, ProjectChangeBody
from earshot.api.schemas.chat import ChatParameters
from earshot.api.schemas.lemur import (
    ActionItemsParameters,
    QuestionAnswerParameters,
    SummaryParameters,
    TaskParameters,
)
from earshot.api.schemas.mavi import MaviRequest
from earshot.api.schemas.speech_understanding import UnderstandingCheck, UnderstandingRequest
from earshot.api.schemas.sync import SyncConfig
from earshot.api.schemas.transcript_request import TranscriptRequest

_REF = "#/components/schemas/{model}"
_BODIES = (
    TaskParameters,
    SummaryParameters,
    QuestionAnswerParameters,
    ActionItemsParameters,
    ChatParameters,
    TranscriptRequest,
    UnderstandingRequest,
    UnderstandingCheck,
    NewProjectBody,
    ProjectChangeBody,
    NewKeyBody,
    SyncConfig,
    ProblemBody,
    MaviRequest,
)


def describe_api(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of every route, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
        )
        _add_request_bodies(document)
        app.openapi_schema = document
    return app.openapi_schema


def _add_request_bodies(document: dict[str, Any]) -> None:
    """Describe the bodies that routes check by themselves, with their own messages."""
    schemas = document["components"]["schemas"]
    for model in _BODIES:
        schema = model.model_json_schema(ref_template=_REF)
        for name, nested in schema.pop("$defs", {}).items():
            schemas.setdefault(name, nested)
        schemas[model.__name__] = schema
