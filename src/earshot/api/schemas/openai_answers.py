"""Answers in the forms of OpenAI's `/v1/audio` routes; times there are seconds."""

import math
import zlib
from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import Field

from earshot.api.schemas.openai_audio import OpenAiRequest
from earshot.api.schemas.wire import WireModel
from earshot.api.schemas.words import is_none
from earshot.exports.captions import render_srt, render_vtt
from earshot.recognition.language_codes import language_of
from earshot.transcript.result import TranscriptResult
from earshot.transcript.sentences import split_sentences
from earshot.transcript.words import Word, join_words
from earshot.understanding.language_names import name_language

# The logarithm of a confidence of 0 would be no JSON.
LEAST_CONFIDENCE = 1e-6

Warnings = Annotated[list[str] | None, Field(exclude_if=is_none)]


class UsageBody(WireModel):
    """How much audio it was."""

    type: Literal["duration"] = "duration"
    seconds: int
    """Rounded up."""


class LogprobBody(WireModel):
    """How sure one word is."""

    token: str
    """The word, with the space before it: words are what this server knows the confidence of."""
    bytes: list[int]
    logprob: float


class LanguageBody(WireModel):
    """A language that was found out."""

    code: str
    """ISO 639-1."""


Languages = Annotated[list[LanguageBody] | None, Field(exclude_if=is_none)]


class AudioBody(WireModel):
    """`json`."""

    text: str
    usage: UsageBody
    languages: Languages = None
    """Where the language was to be found out, which it is; none where nobody speaks."""
    logprobs: Annotated[list[LogprobBody] | None, Field(exclude_if=is_none)] = None
    warnings: Warnings = None
    """Not of OpenAI's API: what did not go as it was asked for."""


class AudioWordBody(WireModel):
    """A word of `verbose_json`, in seconds."""

    word: str
    start: float
    end: float


class AudioSegmentBody(WireModel):
    """A sentence of `verbose_json`, in seconds."""

    id: int
    seek: int = 0
    start: float
    end: float
    text: str
    tokens: list[int] = Field(default_factory=list)
    """Always empty."""
    temperature: float = 0.0
    avg_logprob: float
    """The mean logarithm of the words' confidences."""
    compression_ratio: float
    no_speech_prob: float = 0.0
    """Always 0: what is no speech is left out before."""


class VerboseBody(WireModel):
    """`verbose_json`."""

    task: Literal["transcribe", "translate"]
    language: str
    """Its name in English, such as `english`."""
    duration: float
    """Seconds."""
    text: str
    words: Annotated[list[AudioWordBody] | None, Field(exclude_if=is_none)] = None
    segments: Annotated[list[AudioSegmentBody] | None, Field(exclude_if=is_none)] = None
    usage: UsageBody
    warnings: Warnings = None


class DiarizedSegmentBody(WireModel):
    """What one speaker says in a row, in seconds."""

    type: Literal["transcript.text.segment"] = "transcript.text.segment"
    id: str
    start: float
    end: float
    text: str
    speaker: str


class DiarizedBody(WireModel):
    """`diarized_json`."""

    task: Literal["transcribe"] = "transcribe"
    duration: float
    text: str
    segments: list[DiarizedSegmentBody]
    usage: UsageBody
    warnings: Warnings = None


class DeltaEvent(WireModel):
    """More of the text, in a stream."""

    type: Literal["transcript.text.delta"] = "transcript.text.delta"
    delta: str
    logprobs: Annotated[list[LogprobBody] | None, Field(exclude_if=is_none)] = None


class DoneEvent(WireModel):
    """The whole text, at the end of a stream."""

    type: Literal["transcript.text.done"] = "transcript.text.done"
    text: str
    languages: Languages = None
    logprobs: Annotated[list[LogprobBody] | None, Field(exclude_if=is_none)] = None
    warnings: Warnings = None


def render_answer(result: TranscriptResult, asked: OpenAiRequest) -> WireModel | str:
    """The answer in the form that is asked for: a body of JSON, or text."""
    match asked.response_format:
        case "text":
            return f"{result.text}\n"
        case "srt":
            return render_srt(result.words)
        case "vtt":
            return render_vtt(result.words)
        case "verbose_json":
            return _verbose_body(result, asked)
        case "diarized_json":
            return DiarizedBody(
                duration=_seconds(result.duration_ms),
                text=result.text,
                segments=diarized_segments(result),
                usage=_usage(result),
                warnings=warnings_of(result, asked),
            )
        case "json":
            return AudioBody(
                text=result.text,
                usage=_usage(result),
                languages=languages_of(result, asked),
                logprobs=logprobs(result.words) if asked.has_logprobs else None,
                warnings=warnings_of(result, asked),
            )


def warnings_of(result: TranscriptResult, asked: OpenAiRequest) -> list[str] | None:
    return [*asked.warnings, *result.warnings] or None


def languages_of(result: TranscriptResult, asked: OpenAiRequest) -> list[LanguageBody] | None:
    """What was found out; None where that was not asked for."""
    if asked.options.language_detection is None:
        return None
    if result.language_finding is None:
        return []
    return [LanguageBody(code=language_of(result.language_code))]


def diarized_segments(result: TranscriptResult) -> list[DiarizedSegmentBody]:
    return [
        DiarizedSegmentBody(
            id=f"seg_{number:03}",
            start=_seconds(utterance.start_ms),
            end=_seconds(utterance.end_ms),
            text=utterance.text,
            speaker=utterance.speaker,
        )
        for number, utterance in enumerate(result.utterances or (), start=1)
    ]


def logprobs(words: Iterable[Word]) -> list[LogprobBody]:
    tokens = ((f" {word.text}", word.confidence) for word in words)
    return [
        LogprobBody(token=token, bytes=list(token.encode()), logprob=_logprob(confidence))
        for token, confidence in tokens
    ]


def _verbose_body(result: TranscriptResult, asked: OpenAiRequest) -> VerboseBody:
    is_translation = asked.options.translate_to is not None
    language = "en" if is_translation else language_of(result.language_code)
    has_words, has_segments = ("word" in asked.granularities), ("segment" in asked.granularities)
    return VerboseBody(
        task="translate" if is_translation else "transcribe",
        language=name_language(language).partition(" (")[0].lower(),
        duration=_seconds(result.duration_ms),
        text=result.text,
        words=_word_bodies(result.words) if has_words else None,
        segments=_segments(result.words) if has_segments else None,
        usage=_usage(result),
        warnings=warnings_of(result, asked),
    )


def _word_bodies(words: Iterable[Word]) -> list[AudioWordBody]:
    return [
        AudioWordBody(word=word.text, start=_seconds(word.start_ms), end=_seconds(word.end_ms))
        for word in words
    ]


def _segments(words: Sequence[Word]) -> list[AudioSegmentBody]:
    return [
        _segment(number, sentence.words) for number, sentence in enumerate(split_sentences(words))
    ]


def _segment(number: int, words: Sequence[Word]) -> AudioSegmentBody:
    text = join_words(words)
    coded = text.encode()
    mean = sum(_logprob(word.confidence) for word in words) / len(words)
    return AudioSegmentBody(
        id=number,
        start=_seconds(words[0].start_ms),
        end=_seconds(words[-1].end_ms),
        text=f" {text}",
        avg_logprob=round(mean, 6),
        compression_ratio=round(len(coded) / len(zlib.compress(coded)), 6),
    )


def _usage(result: TranscriptResult) -> UsageBody:
    return UsageBody(seconds=math.ceil(result.duration_ms / 1000))


def _logprob(confidence: float) -> float:
    return round(math.log(max(confidence, LEAST_CONFIDENCE)), 6)


def _seconds(time_ms: int) -> float:
    return time_ms / 1000
