"""The `config` part of a sync request, and the answer."""

import struct
from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import Field

from earshot.api.schemas.terms import listed_vocabulary
from earshot.api.schemas.transcript import MetadataBody, metadata_body
from earshot.api.schemas.wire import TO_FIRST_FAULT, Flag, Must, Strings, Text, WireModel
from earshot.api.schemas.words import is_none
from earshot.errors import RequestInvalid
from earshot.transcript.options import LanguageDetection, TranscriptOptions, Vocabulary
from earshot.transcript.result import TranscriptResult

MAX_AUDIO_MS: Final = 120_000
MAX_AUDIO_BYTES: Final = 40 * 2**20
MIN_AUDIO_MS: Final = 80
DEADLINE_S: Final = 30.0
# What the newest client lets pass; the documents say 4096 and 2048.
MAX_PROMPT_CHARACTERS: Final = 6000
MAX_KEYTERMS_CHARACTERS: Final = 8000
SAMPLE_RATES: Final = (8000, 16000, 22050, 24000, 32000, 44100, 48000)
_LANGUAGES: Final = """
    en es de fr it pt tr nl sv no da fi hi vi ar he ja ur zh
"""
LANGUAGES: Final = tuple(_LANGUAGES.split())
WAV_HEADER: Final = struct.Struct("<4sI4s4sIHHIIHH4sI")

_CONTEXT_UNUSED: Final = "conversation_context has no effect: no model of this server reads it"


class SyncConfig(WireModel):
    """How a recording is transcribed at once; every field is optional."""

    prompt: Text = None
    """Text whose names and terms are listened for; at most 6000 characters."""
    keyterms_prompt: Strings = None
    """Terms to listen for; at most 8000 characters in all."""
    conversation_context: Annotated[
        str | Annotated[list[str], TO_FIRST_FAULT] | None, Must("a string or a list of strings")
    ] = None
    """What was said before. Accepted, and without effect: `metadata.warnings` says so."""
    language_codes: Strings = None
    """The language of the speech, or several of which it is one. Default: `en`."""
    sample_rate: Annotated[int | None, Must("an integer")] = None
    """Of raw samples, and required for these."""
    channels: Annotated[int | None, Must("an integer")] = None
    """Of raw samples, 1 or 2, and required for these."""
    timestamps: Flag = None
    """Whether words have their times. Default: false."""

    def options(self, model: str | None) -> TranscriptOptions:
        """How it is transcribed; RequestInvalid names what breaks its rule."""
        codes = tuple(dict.fromkeys(self.language_codes or ()))
        if unknown := [code for code in codes if code not in LANGUAGES]:
            raise RequestInvalid(
                f"language_codes must be a list of {', '.join(LANGUAGES)}; not {unknown[0]!r}"
            )
        return TranscriptOptions(
            language_code=codes[0] if codes else "en",
            language_detection=LanguageDetection(expected_languages=codes)
            if len(codes) > 1
            else None,
            speech_models=(model,) if model else (),
            vocabulary=self._vocabulary(),
        )

    def wav_header(self, n_bytes: int) -> bytes:
        """What makes a WAV file of raw samples; RequestInvalid where it is not said what they are.

        A last sample that is not whole is left out.
        """
        if self.sample_rate is None or self.channels is None:
            raise RequestInvalid("`sample_rate` and `channels` are required for audio/pcm")
        if self.sample_rate not in SAMPLE_RATES:
            raise RequestInvalid(f"sample_rate must be one of {', '.join(map(str, SAMPLE_RATES))}")
        if self.channels not in (1, 2):
            raise RequestInvalid("channels must be 1 or 2")
        frame_bytes = 2 * self.channels
        n_whole = n_bytes - n_bytes % frame_bytes
        format_chunk = (b"fmt ", 16, 1, self.channels, self.sample_rate)
        rates = (self.sample_rate * frame_bytes, frame_bytes, 16)
        return WAV_HEADER.pack(
            b"RIFF", n_whole + 36, b"WAVE", *format_chunk, *rates, b"data", n_whole
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was asked for and has no effect."""
        return (_CONTEXT_UNUSED,) if self.conversation_context else ()

    def _vocabulary(self) -> Vocabulary:
        prompt, keyterms = self.prompt or "", self.keyterms_prompt or ()
        if len(prompt) > MAX_PROMPT_CHARACTERS:
            raise RequestInvalid(f"prompt must be at most {MAX_PROMPT_CHARACTERS} characters")
        if sum(map(len, keyterms)) > MAX_KEYTERMS_CHARACTERS:
            raise RequestInvalid(
                f"keyterms_prompt must be at most {MAX_KEYTERMS_CHARACTERS} characters in all"
            )
        return listed_vocabulary("keyterms_prompt", keyterms, prompt)


class SyncWordBody(WireModel):
    """One word; its times only where they were asked for."""

    text: str
    confidence: float
    """Probability that the word is right, 0 to 1."""
    start: Annotated[int | None, Field(exclude_if=is_none)] = None
    """Milliseconds from the start of the audio."""
    end: Annotated[int | None, Field(exclude_if=is_none)] = None
    """Milliseconds from the start of the audio."""


class SyncBody(WireModel):
    """The transcript."""

    text: str
    words: list[SyncWordBody]
    confidence: float
    """The mean of the words' confidences; 0 without words."""
    audio_duration_ms: int
    session_id: str
    request_time_ms: float
    """Milliseconds that it took, from the last byte of the request."""
    metadata: Annotated[MetadataBody | None, Field(exclude_if=is_none)] = None
    """Not of the compatible API: what did not go as it was asked for."""


def sync_body(
    result: TranscriptResult, config: SyncConfig, session_id: str, request_time_ms: float
) -> SyncBody:
    warnings: Sequence[str] = (*config.warnings, *result.warnings)
    has_times = bool(config.timestamps)
    return SyncBody(
        text=result.text,
        words=[
            SyncWordBody(
                text=word.text,
                confidence=word.confidence,
                start=word.start_ms if has_times else None,
                end=word.end_ms if has_times else None,
            )
            for word in result.words
        ],
        confidence=result.confidence,
        audio_duration_ms=result.duration_ms,
        session_id=session_id,
        request_time_ms=round(request_time_ms, 1),
        metadata=metadata_body(list(warnings), None),
    )
