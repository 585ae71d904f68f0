"""A completed transcript in other shapes: sentences, paragraphs, captions, search matches."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from earshot.accounts.keys import Principal
from earshot.api.auth import Caller
from earshot.api.bodies import ERROR_RESPONSES, json_answer
from earshot.api.schemas.exports import (
    ParagraphsBody,
    SentencesBody,
    WordSearchBody,
    paragraph_bodies,
    sentence_bodies,
    word_search_body,
)
from earshot.api.services import ApiServices, Services
from earshot.api.transcripts import owned_transcript
from earshot.errors import (
    RequestInvalid,
    TranscriptNotCompleted,
    TranscriptNotFound,
    TranscriptTextEmpty,
)
from earshot.exports.captions import DEFAULT_CHARS_PER_CAPTION, render_srt, render_vtt
from earshot.exports.paragraphs import split_paragraphs
from earshot.exports.search import parse_search_terms, search_words
from earshot.storage.database import reading
from earshot.storage.results import find_result
from earshot.transcript.result import TranscriptResult
from earshot.transcript.sentences import split_sentences
from earshot.transcript.status import TranscriptStatus
from earshot.transcript.times import ms_to_whole_s

router = APIRouter(
    prefix="/v2/transcript/{transcript_id}", tags=["exports"], responses=ERROR_RESPONSES
)

_CAPTIONS: dict[str, Any] = {
    "responses": {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    # Not the class of the answer: its type would be said of the errors as well, which are JSON.
    "response_class": Response,
    "openapi_extra": {
        "parameters": [
            {
                "name": "chars_per_caption",
                "in": "query",
                "description": "Longest caption, in characters; captions are cut between words.",
                "schema": {"type": "integer", "minimum": 1, "default": DEFAULT_CHARS_PER_CAPTION},
            }
        ]
    },
}


@router.get(
    "/sentences", summary="Sentences of a transcript", responses={200: {"model": SentencesBody}}
)
def sentences(transcript_id: str, services: Services, caller: Caller) -> Response:
    result = _completed(services, caller, transcript_id, "sentences")
    body = SentencesBody(
        sentences=sentence_bodies(split_sentences(result.words)), **_common(transcript_id, result)
    )
    return json_answer(body)


@router.get(
    "/paragraphs", summary="Paragraphs of a transcript", responses={200: {"model": ParagraphsBody}}
)
def paragraphs(transcript_id: str, services: Services, caller: Caller) -> Response:
    result = _completed(services, caller, transcript_id, "paragraphs")
    body = ParagraphsBody(
        paragraphs=paragraph_bodies(split_paragraphs(result.words)),
        **_common(transcript_id, result),
    )
    return json_answer(body)


@router.get(
    "/word-search",
    summary="Find words in a transcript",
    responses={200: {"model": WordSearchBody}},
    openapi_extra={
        "parameters": [
            {
                "name": "words",
                "in": "query",
                "required": True,
                "description": "Words, numbers and phrases of up to five words, with commas "
                "between them; or a JSON list of them.",
                "schema": {"type": "string"},
            }
        ]
    },
)
def word_search(
    request: Request, transcript_id: str, services: Services, caller: Caller
) -> Response:
    terms = parse_search_terms(",".join(request.query_params.getlist("words")))
    result = _completed(services, caller, transcript_id, "a word search")
    return json_answer(word_search_body(transcript_id, search_words(result.words, terms)))


@router.get("/srt", summary="SubRip captions of a transcript", **_CAPTIONS)
def srt(request: Request, transcript_id: str, services: Services, caller: Caller) -> Response:
    chars_per_caption = _chars_per_caption(request)
    result = _captionable(services, caller, transcript_id)
    return PlainTextResponse(render_srt(result.words, chars_per_caption))


@router.get("/vtt", summary="WebVTT captions of a transcript", **_CAPTIONS)
def vtt(request: Request, transcript_id: str, services: Services, caller: Caller) -> Response:
    chars_per_caption = _chars_per_caption(request)
    result = _captionable(services, caller, transcript_id)
    return PlainTextResponse(render_vtt(result.words, chars_per_caption))


def _completed(
    services: ApiServices, caller: Principal, transcript_id: str, wanted: str
) -> TranscriptResult:
    """The result of the caller's transcript; an error unless it is completed and not deleted."""
    with reading(services.engine) as conn:
        row = owned_transcript(conn, transcript_id, caller)
        if row.status is not TranscriptStatus.COMPLETED:
            raise TranscriptNotCompleted(row.status, wanted)
        result = find_result(conn, transcript_id)
    if result is None:
        raise TranscriptNotFound  # deleted: the record is there, what it was about is not
    return result


def _captionable(services: ApiServices, caller: Principal, transcript_id: str) -> TranscriptResult:
    result = _completed(services, caller, transcript_id, "captions")
    if not result.words:
        raise TranscriptTextEmpty
    return result


def _common(transcript_id: str, result: TranscriptResult) -> dict[str, Any]:
    return {
        "id": transcript_id,
        "confidence": result.confidence,
        "audio_duration": ms_to_whole_s(result.duration_ms),
        "speech_model_used": result.engine,
    }


def _chars_per_caption(request: Request) -> int:
    text = request.query_params.get("chars_per_caption")
    if not text:
        return DEFAULT_CHARS_PER_CAPTION
    # Nine digits are more than any text has characters.
    if not text.isdecimal() or len(text) > 9 or int(text) < 1:
        raise RequestInvalid("chars_per_caption must be an integer of at least 1")
    return int(text)
