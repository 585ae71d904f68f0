"""`earshot speakers`: the voices that a project knows by name."""

import sys
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer

from earshot.accounts.projects import DEFAULT_PROJECT, ensure_project, require_project
from earshot.cli.options import ConfigOption, DataOption
from earshot.errors import VoiceNotFound
from earshot.pipeline.enrolment import enroll_voice, hear_samples
from earshot.settings import load_settings
from earshot.storage.database import empty_log
from earshot.storage.known_voices import (
    KnownVoiceRow,
    delete_known_voice,
    list_known_voices,
)
from earshot.storage.projects import ProjectRow
from earshot.transcript.clock import utc_now
from earshot.wiring.models import load_stages
from earshot.wiring.records import open_records

MAX_NAME_CHARACTERS = 200

speakers_app = typer.Typer(
    help="Know people by their voices: enroll, list and delete them, also while the server runs.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
ProjectOption = Annotated[
    str,
    typer.Option("--project", help="Name of the project; its transcripts alone can use it."),
]


@speakers_app.command()
def enroll(
    name: Annotated[str, typer.Argument(help="The name to give to whoever has this voice.")],
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            exists=True,
            dir_okay=False,
            readable=True,
            help="Recordings of that person alone, with 5 s of speech or more in each.",
        ),
    ],
    project: ProjectOption = DEFAULT_PROJECT,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Get to know a voice, or know it better where the name is known already.

    What it sounds like is kept as one vector, and no audio. It is biometric data: have the person's
    consent. All of the files are taken, or none.

    Example: `earshot speakers enroll Maria maria-1.wav maria-2.mp3`
    """
    if not name.strip() or not name.isprintable() or len(name) > MAX_NAME_CHARACTERS:
        rule = f"printable, not empty, of {MAX_NAME_CHARACTERS} characters at most"
        raise typer.BadParameter(f"names must be {rule}")
    settings = load_settings(data=data, config=config)
    records = open_records(settings)
    with records.writing() as connection:
        require_owner(connection, project)  # before the work
    stages = load_stages(settings)
    try:
        samples = hear_samples(files, stages)
    finally:
        stages.decoder.close()
    with records.writing() as connection:
        owner = require_owner(connection, project)
        enrolment = enroll_voice(connection, owner.id, name, samples, utc_now())
    _erase_traces(records.engine)  # of what was known before
    print(f"{name}: known by {_described(enrolment.voice)}")
    if enrolment.replaced is not None:
        print(
            f"That takes the place of {_described(enrolment.replaced)} that another model heard:"
            " the two cannot be joined. Enroll those recordings again.",
            file=sys.stderr,
        )


@speakers_app.command("list")
def show(
    project: ProjectOption = DEFAULT_PROJECT,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """List the voices that a project knows, one a line: name, recordings, speech, when enrolled.

    Example: `earshot speakers list`
    """
    records = open_records(load_settings(data=data, config=config))
    with records.writing() as connection:
        owner = require_owner(connection, project)
        for voice in list_known_voices(connection, owner.id):
            print(f"{voice.name}  {_described(voice)}  enrolled {voice.created_at:%Y-%m-%d}")


@speakers_app.command()
def delete(
    name: Annotated[str, typer.Argument(help="The name.")],
    project: ProjectOption = DEFAULT_PROJECT,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Forget a voice, at once and for good.

    Transcripts that have the name in them keep it until they are deleted themselves.

    Example: `earshot speakers delete Maria`
    """
    records = open_records(load_settings(data=data, config=config))
    with records.writing() as connection:
        owner = require_owner(connection, project)
        if not delete_known_voice(connection, owner.id, name):
            raise VoiceNotFound(name, project)
    print(f"deleted {name}")
    _erase_traces(records.engine)


def require_owner(connection: sa.Connection, project: str) -> ProjectRow:
    """The project; the default one need not be there yet."""
    if project == DEFAULT_PROJECT:
        return ensure_project(connection, project, utc_now())
    return require_project(connection, project)


def _erase_traces(engine: sa.Engine) -> None:
    """Leave nothing of the old vector in SQLite's log, or say until when it stays there."""
    if not empty_log(engine):
        print(
            "Another program is reading the database: the old vector stays in its log until that"
            " is done, and the server's hourly sweep or the next of these commands has passed.",
            file=sys.stderr,
        )


def _described(voice: KnownVoiceRow) -> str:
    is_one = voice.n_recordings == 1
    recordings = "1 recording" if is_one else f"{voice.n_recordings} recordings"
    return f"{recordings}, {voice.clean_ms / 1000:.0f} s of speech"


def register(app: typer.Typer) -> None:
    app.add_typer(speakers_app, name="speakers")
