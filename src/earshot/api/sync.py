"""`/v1/transcribe`: a short recording in, its transcript out, in one request."""

import os
import time
from contextlib import ExitStack
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel

from earshot.api.auth import Caller
from earshot.api.bodies import json_answer, parse_object
from earshot.api.forms import Form, FormRules, is_raw, receive_form
from earshot.api.problems import PROBLEMS, render_problem, route_with_errors
from earshot.api.schemas.sync import (
    DEADLINE_S,
    MAX_AUDIO_BYTES,
    MAX_AUDIO_MS,
    WAV_HEADER,
    SyncBody,
    SyncConfig,
    sync_body,
)
from earshot.api.services import Services
from earshot.api.sync_run import SyncRun, require_sync
from earshot.api.sync_usage import counting
from earshot.audio.decoding.protocol import TRUNCATED
from earshot.errors import AudioTruncated

router = APIRouter(tags=["transcripts at once"], route_class=route_with_errors(render_problem))

RULES: Final = FormRules(
    media_name="audio",
    max_bytes=MAX_AUDIO_BYTES,
    if_none=(
        "request must be multipart/form-data with an `audio` part and an optional `config` part"
    ),
    if_no_media="request must include an `audio` file part",
    before_raw=WAV_HEADER.size,
)

ModelHeader = Annotated[
    str | None,
    Header(
        alias="X-AAI-Model",
        description="The model: a name of the API or of `earshot models list`. Others are passed "
        "over, as in a transcript's `speech_models`.",
    ),
]

_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "Audio of at most 120 s and 40 MB, and how it is to be transcribed.",
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["audio"],
                    "properties": {
                        "config": {"$ref": "#/components/schemas/SyncConfig"},
                        "audio": {
                            "type": "string",
                            "format": "binary",
                            "description": "A file, or samples of 16 bits as `audio/pcm`.",
                        },
                    },
                },
                "encoding": {"config": {"contentType": "application/json"}},
            }
        },
    }
}


_OF_KEYS: Final = (401, 429, 500, 503)


class WarmBody(BaseModel):
    """The connection stands."""

    status: Literal["ok"] = "ok"


async def transcribe(
    request: Request, services: Services, caller: Caller, model: ModelHeader = None
) -> Response:
    """Nothing is stored, and nothing waits in a queue. Ends when the client goes away."""
    sync = require_sync(services)
    with ExitStack() as held:
        held.callback(sync.places.take(caller.project_id))
        form = await receive_form(request, RULES)
        held.callback(form.media.file.close)
        began_s = time.monotonic()
        config = SyncConfig.parse(parse_object((form.first("config") or "{}").encode()))
        options = config.options(model)
        is_wav = _make_readable(form, config)
        run = SyncRun(request, services, form.media, options, MAX_AUDIO_MS, held)
    result = await run.result(DEADLINE_S)
    if is_wav and TRUNCATED in result.warnings:
        raise AudioTruncated
    elapsed_ms = 1000 * (time.monotonic() - began_s)
    answer = json_answer(sync_body(result, config, services.new_id(), elapsed_ms))
    answer.background = counting(services, caller, run)
    return answer


def _make_readable(form: Form, config: SyncConfig) -> bool:
    """Put its header before raw samples; whether the recording is a WAV file then."""
    media = form.media
    if is_raw(media.head):
        os.pwrite(media.file.fileno(), config.wav_header(media.n_bytes), 0)
        return True
    return os.pread(media.file.fileno(), 4, 0) == b"RIFF"


for _path, _summary in {
    "/v1/transcribe": "Transcribe a short recording at once",
    "/transcribe": "The same, for older clients",
    "/v1/transcribe/live": "The same, of audio that is sent as it is recorded",
    "/v1/transcribe/stream": "The same, for older clients",
}.items():
    router.add_api_route(
        _path,
        transcribe,
        methods=["POST"],
        summary=_summary,
        operation_id=f"transcribe{_path.replace('/', '_')}",
        responses={200: {"model": SyncBody}, **PROBLEMS},
        openapi_extra=_BODY,
    )


@router.get(
    "/v1/warm",
    summary="Open a connection before there is audio",
    responses={200: {"model": WarmBody}, **{status: PROBLEMS[status] for status in _OF_KEYS}},
)
def warm(caller: Caller) -> Response:
    """Says that the key is good, and does nothing: the models are loaded at the start."""
    del caller
    return json_answer(WarmBody())
