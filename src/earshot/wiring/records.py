"""What every process of an installation shares: the database and the media."""

import os
from dataclasses import dataclass

import sqlalchemy as sa

from earshot.errors import SettingsInvalid
from earshot.settings import Settings
from earshot.storage.database import open_database, upgrade_schema
from earshot.storage.media import MediaStore, open_media_store


@dataclass(frozen=True, slots=True)
class Records:
    """The database and the media store of one installation."""

    engine: sa.Engine
    media: MediaStore


def open_records(settings: Settings) -> Records:
    """The database, with its schema brought up to date, and the media store."""
    os.umask(0o077)  # what people said is for the owner's eyes only
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsInvalid(
            f"EARSHOT_DATA: cannot make {settings.data}: {error.strerror}"
        ) from error
    engine = open_database(settings.database)
    upgrade_schema(engine)
    return Records(engine, open_media_store(settings.media))
