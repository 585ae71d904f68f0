"""Does with the official SDK what it is told, for the tests; run by the SDK's own environment.

    python sdk_program.py

Each line of standard input is `{"action": ..., ...arguments}`; the answer is one line of JSON, what
the SDK raised included. One process answers many, for the SDK takes longer to import than to use.
"""

import asyncio
import io
import json
import sys
from pathlib import Path
from typing import Any

import assemblyai as aai

try:
    from assemblyai import api as exports
    from assemblyai.types import RedactedAudioExpiredError

    exports.get_redacted_audio  # noqa: B018 - moved in the newer one
except AttributeError:
    from assemblyai.prerecorded.v2 import api as exports

Facts = dict[str, Any]


def _config(config: Facts) -> aai.TranscriptionConfig:
    chosen = dict(config)
    spelling = chosen.pop("custom_spelling", None)
    webhook = chosen.pop("webhook", None)
    if "speech_model" in chosen:
        chosen["speech_model"] = aai.SpeechModel(chosen["speech_model"])
    made = aai.TranscriptionConfig(**chosen)
    if spelling is not None:
        made = made.set_custom_spelling(spelling)
    if webhook is not None:
        made = made.set_webhook(*webhook)
    return made


def _source(source: str, kind: str) -> object:
    if kind == "file object":
        return io.BytesIO(Path(source).read_bytes())
    if kind == "uploaded":
        return aai.Transcriber().upload_file(source)
    return source


def _facts(transcript: aai.Transcript) -> Facts:
    """What a transcript's own properties say, and the response that the SDK's models let pass."""
    return {
        "id": transcript.id,
        "status": transcript.status.value,
        "text": transcript.text,
        "error": transcript.error,
        "words": [_plain(word) for word in transcript.words or []],
        "utterances": [_plain(utterance) for utterance in transcript.utterances or []],
        "confidence": transcript.confidence,
        "audio_duration": transcript.audio_duration,
        "audio_url": transcript.audio_url,
        "webhook_status_code": transcript.webhook_status_code,
        "webhook_auth": transcript.webhook_auth,
        "response": transcript.json_response,
    }


def _plain(model: Any) -> Facts:  # noqa: ANN401 - any model of either pydantic
    facts: Facts = json.loads(model.json())
    return facts


def transcribe(source: str, kind: str = "path", **config: object) -> Facts:
    return _facts(aai.Transcriber(config=_config(config)).transcribe(_source(source, kind)))


def understand(source: str, **config: object) -> Facts:
    """What the SDK's own properties hold of what was found out."""
    transcript = aai.Transcriber(config=_config(config)).transcribe(source)
    highlights = transcript.auto_highlights
    return {
        **_facts(transcript),
        "highlights": None if highlights is None else _plain(highlights),
        "chapters": [_plain(chapter) for chapter in transcript.chapters or []],
        "summary": transcript.summary,
        "topics": None if (topics := transcript.iab_categories) is None else _plain(topics),
        "safety": None if (safety := transcript.content_safety) is None else _plain(safety),
        "sentiments": [_plain(one) for one in transcript.sentiment_analysis or []],
        "speech_understanding": _plain(transcript.speech_understanding)
        if getattr(transcript, "speech_understanding", None) is not None
        else None,
    }


def understand_speech(transcript_id: str, request: Facts) -> Facts:
    """What the SDK's gateway makes of the answer; the transcript's own, too."""
    aai.settings.llm_gateway_base_url = aai.settings.base_url
    gateway = aai.LLMGateway()
    gateway.understanding.validate(request=request, transcript_id=transcript_id)
    return _plain(gateway.understanding.create(transcript_id=transcript_id, request=request))


def refused_understanding(request: Facts) -> Facts:
    aai.settings.llm_gateway_base_url = aai.settings.base_url
    try:
        aai.LLMGateway().understanding.validate(request=request)
    except aai.types.LLMGatewayError as error:
        return {"message": str(error), "status_code": error.status_code, "errors": error.errors}
    return {}


def transcribe_in_the_background(source: str) -> Facts:
    return _facts(aai.Transcriber().transcribe_async(source).result())


def transcribe_in_a_coroutine(source: str) -> Facts:
    async def work() -> Facts:
        async with aai.AsyncTranscriber() as transcriber:
            transcript = await transcriber.transcribe(source)
            sentences = await transcript.get_sentences()
            srt = await transcript.export_subtitles_srt()
            listed = await transcriber.list_transcripts()
            deleted = await transcriber.delete_by_id(transcript.id)
            return {
                "transcript": _facts(transcript),
                "sentences": [sentence.text for sentence in sentences],
                "srt": srt,
                "listed": [item.id for item in listed.transcripts],
                "deleted": _facts(deleted),
            }

    return asyncio.run(work())


def transcribe_group(sources: list[str]) -> list[Facts]:
    return [_facts(transcript) for transcript in aai.Transcriber().transcribe_group(sources)]


def submit_then_wait(source: str) -> list[Facts]:
    transcript = aai.Transcriber().submit(source)
    return [_facts(transcript), _facts(transcript.wait_for_completion())]


def upload(source: str) -> str:
    url: str = aai.Transcriber().upload_file(source)
    return url


def get(transcript_id: str) -> Facts:
    return _facts(aai.Transcript.get_by_id(transcript_id))


def sentences(transcript_id: str) -> list[Facts]:
    return [_plain(item) for item in aai.Transcript.get_by_id(transcript_id).get_sentences()]


def paragraphs(transcript_id: str) -> list[Facts]:
    return [_plain(item) for item in aai.Transcript.get_by_id(transcript_id).get_paragraphs()]


def srt(transcript_id: str, chars_per_caption: int | None = None) -> str:
    transcript = aai.Transcript.get_by_id(transcript_id)
    text: str = transcript.export_subtitles_srt(chars_per_caption=chars_per_caption)
    return text


def vtt(transcript_id: str, chars_per_caption: int | None = None) -> str:
    transcript = aai.Transcript.get_by_id(transcript_id)
    text: str = transcript.export_subtitles_vtt(chars_per_caption=chars_per_caption)
    return text


def search(transcript_id: str, words: list[str]) -> list[Facts]:
    return [_plain(match) for match in aai.Transcript.get_by_id(transcript_id).word_search(words)]


def page(**parameters: object) -> Facts:
    listed = aai.Transcriber().list_transcripts(aai.ListTranscriptParameters(**parameters))
    return {**_plain(listed), "before_id": listed.page_details.before_id_of_prev_url}


def delete(transcript_id: str) -> Facts:
    return _facts(aai.Transcript.delete_by_id(transcript_id))


def redacted_audio(transcript_id: str) -> Facts:
    client = aai.Client.get_default().http_client
    try:
        exports.get_redacted_audio(client, transcript_id)
    except RedactedAudioExpiredError as error:
        return {"expired": True, "status_code": error.status_code}
    return {"expired": False}


def save_redacted_audio(source: str, path: str, **config: object) -> Facts:
    """Submit, and ask for the audio before the transcript is completed: the SDK waits for it."""
    transcript = aai.Transcriber(config=_config(config)).submit(source)
    transcript.save_redacted_audio(path)
    url = transcript.get_redacted_audio_url()
    return {**_facts(transcript), "n_bytes": Path(path).stat().st_size, "url": url}


def transcribe_at_once(source: str, kind: str = "path", **config: Any) -> Facts:  # noqa: ANN401
    """What the SDK's synchronous transcriber makes of the answer, or of the refusal."""
    aai.settings.sync_base_url = aai.settings.base_url
    chosen = aai.SyncTranscriptionConfig(**config)
    with aai.SyncTranscriber(config=chosen) as transcriber:
        transcriber.warm()
        try:
            if kind == "chunks":
                with Path(source).open("rb") as file:
                    answer = transcriber.transcribe_live(iter(lambda: file.read(3000), b""))
            else:
                content = Path(source).read_bytes() if kind == "bytes" else source
                answer = transcriber.transcribe(content)
        except aai.SyncTranscriptError as error:
            return {
                "refused": str(error),
                "status_code": error.status_code,
                "error_code": error.error_code,
                "retry_after": error.retry_after,
            }
    return _plain(answer)


def use_key(key: str) -> None:
    aai.settings.api_key = key


ACTIONS = {
    action.__name__: action
    for action in (
        transcribe,
        transcribe_in_the_background,
        understand,
        understand_speech,
        refused_understanding,
        transcribe_in_a_coroutine,
        transcribe_group,
        submit_then_wait,
        upload,
        get,
        sentences,
        paragraphs,
        srt,
        vtt,
        search,
        page,
        delete,
        redacted_audio,
        save_redacted_audio,
        transcribe_at_once,
        use_key,
    )
}


def answer(order: Facts) -> Facts:
    try:
        return {"value": ACTIONS[order.pop("action")](**order)}
    except Exception as error:  # noqa: BLE001 - what the SDK raises is what the tests are about
        return {"raised": type(error).__name__, "message": str(error)}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line)), default=str), flush=True)  # noqa: T201 - its answer
