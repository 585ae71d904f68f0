"""What `earshot transcribe --redact` hides."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, cast

import typer

from earshot.errors import NamesNotInstalled
from earshot.transcript.options import (
    RedactedAudioForm,
    RedactedAudioOptions,
    RedactionOptions,
)
from earshot.transcript.redaction_policies import (
    POLICIES,
    can_be_hidden,
    policies_for_a_tagger,
    policies_not_met,
)

_FORMS = (".mp3", ".wav")


class Substitution(StrEnum):
    """What a hidden word becomes."""

    HASH = "hash"
    ENTITY_NAME = "entity_name"


RedactOption = Annotated[
    list[str] | None,
    typer.Option(
        "--redact",
        metavar="POLICY",
        help="What to hide, such as phone_number, in English; may be given many times.",
    ),
]
RedactWithOption = Annotated[
    Substitution, typer.Option("--redact-with", help="What a hidden word becomes.")
]
RedactedAudioOption = Annotated[
    Path | None,
    typer.Option(
        "--redacted-audio",
        metavar="FILE",
        help="Write the recording, too, without what is hidden: an .mp3 or .wav file.",
    ),
]


def redaction_options(
    policies: Sequence[str] | None,
    substitution: Substitution,
    audio: Path | None,
    language: str,
    *,
    finds_names: bool = False,
) -> RedactionOptions | None:
    """What is hidden; None where nothing on the command line asks for that.

    `finds_names` says whether a model is installed that does; else NamesNotInstalled for policies
    that need one.
    """
    if not policies:
        if audio is not None:
            raise typer.BadParameter("it needs --redact", param_hint="--redacted-audio")
        return None
    unknown = [policy for policy in policies if policy not in POLICIES]
    if unknown:
        raise typer.BadParameter(
            f"{unknown[0]} is no policy; some are phone_number, email_address, "
            "credit_card_number, date_of_birth",
            param_hint="--redact",
        )
    if unmet := policies_not_met(policies, finds_names=True):
        raise typer.BadParameter(
            f"not available here yet: {', '.join(unmet)}", param_hint="--redact"
        )
    if not finds_names and (needing := policies_for_a_tagger(policies)):
        raise NamesNotInstalled(needing)
    redaction = RedactionOptions(tuple(policies), substitution.value, audio=_audio(audio))
    if language != "auto" and not can_be_hidden(redaction, language):
        raise typer.BadParameter("it is for recordings in English", param_hint="--redact")
    return redaction


def _audio(file: Path | None) -> RedactedAudioOptions | None:
    if file is None:
        return None
    if file.suffix.lower() not in _FORMS:
        raise typer.BadParameter(
            f"{file.name} ends in none of .mp3 and .wav", param_hint="--redacted-audio"
        )
    if not file.absolute().parent.is_dir():
        raise typer.BadParameter(f"there is no folder {file.parent}", param_hint="--redacted-audio")
    return RedactedAudioOptions(cast("RedactedAudioForm", file.suffix.lower()[1:]))
