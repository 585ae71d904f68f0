"""What answers `speech_understanding`, in a transcript and by itself."""

from typing import Annotated, Any, Self

from pydantic import Field

from earshot.api.schemas.findings import ModelStatus, status_of
from earshot.api.schemas.wire import WireModel
from earshot.api.schemas.words import Channel, is_none, shown_channel
from earshot.transcript.findings import Findings
from earshot.transcript.words import Utterance


class ModelStatusBody(WireModel):
    """How a model fared; `unavailable` where it failed, or is not there."""

    status: ModelStatus


class SpeakerIdentificationBody(ModelStatusBody):
    """Who the speakers are."""

    mapping: dict[str, str] | None
    """Label -> name or role, of those that could be told."""


class FormattedUtteranceBody(WireModel):
    """An utterance with its values written as asked for."""

    speaker: str
    text: str
    start: int
    """Milliseconds from the start of the recording."""
    end: int
    """Milliseconds from the start of the recording."""
    channel: Channel = None


class CustomFormattingBody(ModelStatusBody):
    """The text with its values written as asked for; the transcript's own stays."""

    mapping: dict[str, str] | None
    """As it was said -> as it is written, of what was changed."""
    formatted_text: str | None
    formatted_utterances: Annotated[
        list[FormattedUtteranceBody] | None, Field(exclude_if=is_none)
    ] = None


class UnderstandingResponsesBody(WireModel):
    """An answer for each thing that was asked for."""

    translation: Annotated[ModelStatusBody | None, Field(exclude_if=is_none)] = None
    speaker_identification: Annotated[
        SpeakerIdentificationBody | None, Field(exclude_if=is_none)
    ] = None
    custom_formatting: Annotated[CustomFormattingBody | None, Field(exclude_if=is_none)] = None


class SpeechUnderstandingBody(WireModel):
    """What was asked for, and what came of it."""

    request: dict[str, Any]
    response: UnderstandingResponsesBody | None = None
    """Null until completed."""

    @classmethod
    def answering(
        cls,
        echo: dict[str, Any],
        findings: Findings | None,
        utterances: tuple[Utterance, ...] | None,
    ) -> Self:
        """The answer to what was asked for; without findings there is none yet."""
        if findings is None:
            return cls(request=echo)
        response = UnderstandingResponsesBody(
            translation=_translation(findings) if "translation" in echo else None,
            speaker_identification=_identification(findings)
            if "speaker_identification" in echo
            else None,
            custom_formatting=_formatting(findings, utterances)
            if "custom_formatting" in echo
            else None,
        )
        return cls(request=echo, response=response)


def translated_texts(findings: Findings | None) -> dict[str, str] | None:
    """Code of a language -> the text in it; None where no translation was asked for, or made."""
    if findings is None or findings.translations is None:
        return None
    return dict(findings.translations.texts)


def _translation(findings: Findings) -> ModelStatusBody:
    return ModelStatusBody(status=status_of(findings, "translation"))


def _identification(findings: Findings) -> SpeakerIdentificationBody:
    names = findings.speaker_names
    return SpeakerIdentificationBody(
        mapping=None if names is None else dict(names),
        status=status_of(findings, "speaker_identification"),
    )


def _formatting(
    findings: Findings, utterances: tuple[Utterance, ...] | None
) -> CustomFormattingBody:
    found = findings.formatted
    status = status_of(findings, "custom_formatting")
    if found is None:
        return CustomFormattingBody(mapping=None, formatted_text=None, status=status)
    formatted = None
    if found.utterances is not None and utterances is not None:
        formatted = [
            FormattedUtteranceBody(
                speaker=utterance.speaker,
                text=text,
                start=utterance.start_ms,
                end=utterance.end_ms,
                channel=shown_channel(utterance.channel),
            )
            for utterance, text in zip(utterances, found.utterances, strict=True)
        ]
    return CustomFormattingBody(
        mapping=dict(found.changes),
        formatted_text=found.text,
        formatted_utterances=formatted,
        status=status,
    )
