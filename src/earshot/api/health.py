"""Whether the server is up, and whether its models are loaded."""

from fastapi import APIRouter
from pydantic import BaseModel

from earshot.api.services import Readiness, Services

router = APIRouter(tags=["health"])


class HealthBody(BaseModel):
    """The state of the server."""

    status: str
    models: Readiness


@router.get("/health", summary="Whether the server is up")
def health(services: Services) -> HealthBody:
    return HealthBody(status="ok", models=services.readiness())
