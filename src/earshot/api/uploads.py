"""Recordings on their way in."""

from collections.abc import AsyncIterable
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from earshot.accounts.keys import Principal
from earshot.accounts.projects import hold_owner
from earshot.api.auth import Caller
from earshot.api.bodies import ERROR_RESPONSES, ErrorBody, json_answer
from earshot.api.errors import error_answer
from earshot.api.services import ApiServices, Services
from earshot.api.urls import absolute_url, upload_path
from earshot.errors import UploadEmpty, UploadTooLarge
from earshot.storage.erasure import upload_key
from earshot.storage.uploads import NewUpload, insert_upload

router = APIRouter(tags=["transcripts"])


class UploadBody(BaseModel):
    """Where the recording is now: an `audio_url` for keys of the same project, for nothing else."""

    upload_url: str


@router.post(
    "/v2/upload",
    summary="Upload a recording",
    responses={
        **ERROR_RESPONSES,
        200: {"model": UploadBody},
        413: {"model": ErrorBody, "description": "Larger than this server takes."},
        507: {"model": ErrorBody, "description": "No room left; nothing was kept."},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "The bytes of the file as they are, not a form. Any content type.",
            "content": {"application/octet-stream": {}},
        }
    },
)
async def upload(request: Request, services: Services, caller: Caller) -> Response:
    """Store the body. Unused uploads are deleted after a day."""
    upload_id = await store_upload(request, services, caller, request.stream())
    url = absolute_url(request, services.options, upload_path(upload_id))
    return json_answer(UploadBody(upload_url=url))


async def store_upload(
    request: Request, services: ApiServices, caller: Principal, chunks: AsyncIterable[bytes]
) -> str:
    """The id of the upload that the chunks, of this request's body, now are."""
    _refuse_announced_size(request, services.options.upload_max_bytes)
    upload_id = services.new_id()
    media_key = upload_key(upload_id)
    # A client that goes away mid-way ends this with ClientDisconnect, and the store keeps nothing.
    size_bytes = await services.media.put_stream(
        media_key, chunks, services.options.upload_max_bytes
    )
    new = NewUpload(upload_id, caller.project_id, media_key, size_bytes, services.clock())
    await run_in_threadpool(_keep, services, new)
    return upload_id


@router.get(
    "/upload/{upload_id}",
    summary="Uploads cannot be downloaded",
    responses={403: {"model": ErrorBody, "description": "Always."}},
    status_code=HTTPStatus.FORBIDDEN,
)
def deny_download(upload_id: str) -> Response:
    del upload_id
    return error_answer(HTTPStatus.FORBIDDEN, "AccessDenied")


def _refuse_announced_size(request: Request, max_bytes: int) -> None:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > max_bytes:
        raise UploadTooLarge(max_bytes)


def _keep(services: ApiServices, new: NewUpload) -> None:
    """Make the stored bytes an upload; or, where that fails or there are none, delete them."""
    if new.size_bytes == 0:
        services.media.delete(new.media_key)
        raise UploadEmpty
    try:
        with services.engine.begin() as conn:
            hold_owner(conn, new.project_id)  # an upload may take hours
            insert_upload(conn, new)
    except Exception:
        services.media.delete(new.media_key)
        raise
