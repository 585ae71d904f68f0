"""`/admin/v1`: projects, keys and usage, for whoever runs this server. Ours alone.

It is off until an admin key is made on the command line, and then opened by such keys only.
"""

import logging
from datetime import date
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from earshot.accounts.keys import create_key, list_keys, revoke_key_by_id
from earshot.accounts.projects import change_name, create_project
from earshot.accounts.removal import ProjectRemoval
from earshot.accounts.usage import report_usage
from earshot.api.admin_auth import Administrator
from earshot.api.bodies import ERROR_RESPONSES, Body, ErrorBody, json_answer, parse_object
from earshot.api.schemas.admin import (
    KeyBody,
    KeysBody,
    NewKeyAnswer,
    NewKeyBody,
    NewProjectBody,
    ProjectBody,
    ProjectChangeBody,
    ProjectsBody,
    UsageBody,
    key_body,
    project_body,
    usage_item,
)
from earshot.api.services import ApiServices, Services
from earshot.errors import ProjectNotFound, RequestInvalid
from earshot.storage.database import reading
from earshot.storage.projects import ProjectRow, find_project, list_projects, set_project_limits
from earshot.storage.usage import GROUPS, UsageFilter

logger = logging.getLogger(__name__)

_ABSENT: Final[dict[int | str, dict[str, Any]]] = {
    404: {"model": ErrorBody, "description": "No such thing; or this API is off: no admin key."}
}
_TAKEN: Final[dict[int | str, dict[str, Any]]] = {
    409: {"model": ErrorBody, "description": "The name is taken, or settings go by it."}
}
router = APIRouter(
    prefix="/admin/v1", tags=["administration"], responses={**ERROR_RESPONSES, **_ABSENT}
)

# As callers name the columns -> as they are stored.
_GROUP_OF: Final = {"day": "day", "project": "project_id", "key": "key_id"} | {
    name: name for name in ("product", "model")
}


def _documented(schema: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"requestBody": {"required": True, "content": content}}


def _query(name: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "description": description,
        "schema": {"type": "string"},
    }


@router.get("/projects", summary="List projects", responses={200: {"model": ProjectsBody}})
def get_projects(services: Services, _: Administrator) -> Response:
    with reading(services.engine) as conn:
        rows = list_projects(conn)
    return json_answer(ProjectsBody(projects=[project_body(row) for row in rows]))


@router.post(
    "/projects",
    summary="Make a project",
    responses={200: {"model": ProjectBody}, **_TAKEN},
    openapi_extra=_documented("NewProjectBody"),
)
def post_project(services: Services, admin: Administrator, body: Body) -> Response:
    name = NewProjectBody.parse(parse_object(body)).name
    with services.engine.begin() as conn:
        row = create_project(conn, name, services.clock())
    _log("project_made", admin, row.id)
    return json_answer(project_body(row))


@router.get(
    "/projects/{project_id}", summary="Get a project", responses={200: {"model": ProjectBody}}
)
def get_project(project_id: str, services: Services, _: Administrator) -> Response:
    return json_answer(project_body(_project(services, project_id)))


@router.patch(
    "/projects/{project_id}",
    summary="Rename a project, or set its limits",
    responses={200: {"model": ProjectBody}, **_TAKEN},
    openapi_extra=_documented("ProjectChangeBody"),
)
def patch_project(
    project_id: str, services: Services, admin: Administrator, body: Body
) -> Response:
    change = ProjectChangeBody.parse(parse_object(body))
    _project(services, project_id)
    with services.engine.begin() as conn:
        if change.name is not None:
            in_settings = services.options.projects_in_settings
            change_name(conn, project_id, change.name, in_settings)
        if change.limits is not None:
            set_project_limits(conn, project_id, change.limits.limits.dump())
    _log("project_changed", admin, project_id)
    return json_answer(project_body(_project(services, project_id)))


@router.delete(
    "/projects/{project_id}",
    summary="Delete a project and all that is in it",
    status_code=HTTPStatus.NO_CONTENT,
)
def delete_project(project_id: str, services: Services, admin: Administrator) -> Response:
    """Its keys die at once; transcripts, uploads and known voices are deleted; usage stays."""
    _project(services, project_id)
    jobs = services.jobs
    ProjectRemoval(services.engine, services.media, jobs, services.clock).remove(project_id)
    _log("project_deleted", admin, project_id)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post(
    "/projects/{project_id}/keys",
    summary="Make an API key",
    responses={200: {"model": NewKeyAnswer}, **_TAKEN},
    openapi_extra=_documented("NewKeyBody"),
)
def post_key(project_id: str, services: Services, admin: Administrator, body: Body) -> Response:
    """The key is in the answer, and shown this once."""
    name = NewKeyBody.parse(parse_object(body)).name
    project = _project(services, project_id)
    with services.engine.begin() as conn:
        made = create_key(conn, name, project.name, services.clock())
        if made.row.project_id != project_id:  # it was renamed or deleted since
            raise ProjectNotFound(project_id)
    _log("key_made", admin, project_id)
    answer = json_answer(NewKeyAnswer(**key_body(made.row).model_dump(), key=made.secret))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@router.get(
    "/keys",
    summary="List API keys",
    responses={200: {"model": KeysBody}},
    openapi_extra={"parameters": [_query("project_id", "Only those of this project.")]},
)
def get_keys(request: Request, services: Services, _: Administrator) -> Response:
    project_id = request.query_params.get("project_id")
    with reading(services.engine) as conn:
        rows = list_keys(conn)
    wanted = [row for row in rows if project_id in (None, row.project_id)]
    return json_answer(KeysBody(keys=[key_body(row) for row in wanted]))


@router.delete("/keys/{key_id}", summary="Revoke an API key", responses={200: {"model": KeyBody}})
def delete_key(key_id: str, services: Services, admin: Administrator) -> Response:
    """It opens nothing from now on."""
    now = services.clock()
    with services.engine.begin() as conn:
        row = revoke_key_by_id(conn, _storable(key_id), now)
    _log("key_revoked", admin, row.project_id)
    return json_answer(key_body(row).model_copy(update={"revoked": now}))


@router.get(
    "/usage",
    summary="What was used, and what that costs",
    responses={200: {"model": UsageBody}},
    openapi_extra={
        "parameters": [
            _query("from", "The first day, such as 2026-03-01 (UTC)."),
            _query("to", "The last day."),
            _query("project_id", "Only of this project."),
            _query("by", f"Columns to add up by, of {', '.join(_GROUP_OF)}; all unless given."),
        ]
    },
)
def get_usage(request: Request, services: Services, _: Administrator) -> Response:
    query = request.query_params
    wanted = UsageFilter(
        first_day=_day(query.get("from"), "from"),
        last_day=_day(query.get("to"), "to"),
        project_id=None if "project_id" not in query else _storable(query["project_id"]),
    )
    groups = _groups(query.get("by"))
    with reading(services.engine) as conn:
        lines = report_usage(conn, wanted, groups, services.options.prices)
    return json_answer(UsageBody(usage=[usage_item(line) for line in lines]))


def _project(services: ApiServices, project_id: str) -> ProjectRow:
    with reading(services.engine) as conn:
        row = find_project(conn, _storable(project_id))
    if row is None or row.deleted_at is not None:
        raise ProjectNotFound(project_id)
    return row


def _storable(text: str) -> str:
    """The text; what no database can hold is looked for in none."""
    return text if text.isprintable() else ""


def _day(text: str | None, name: str) -> date | None:
    try:
        return None if not text else date.fromisoformat(text)
    except ValueError:
        raise RequestInvalid(f"{name} must be a day such as 2026-03-01") from None


def _groups(text: str | None) -> list[str]:
    if text is None:
        return list(GROUPS)
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not set(names) <= _GROUP_OF.keys():
        raise RequestInvalid(f"by must be of {', '.join(_GROUP_OF)}, with commas between them")
    return [column for name, column in _GROUP_OF.items() if name in names]


def _log(event: str, admin: str, project_id: str) -> None:
    logger.info(event, extra={"admin_key_id": admin, "project_id": project_id})
