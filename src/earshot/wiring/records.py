"""What every process of an installation shares: the database and the media."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from earshot.errors import SettingsInvalid
from earshot.settings import Settings
from earshot.storage.database import map_database_errors, open_database, reading, upgrade_schema
from earshot.storage.media import MediaStore, open_media_store


@dataclass(frozen=True, slots=True)
class Records:
    """The database and the media store of one installation."""

    engine: sa.Engine
    media: MediaStore

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction that writes nothing; what goes wrong with the database is one of ours."""
        with map_database_errors(), reading(self.engine) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that is committed at the end of the block; errors are ours, as above."""
        with map_database_errors(), self.engine.begin() as connection:
            yield connection


def open_records(settings: Settings) -> Records:
    """The database, with its schema brought up to date, and the media store."""
    os.umask(0o077)  # what people said is for the owner's eyes only
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsInvalid(
            f"EARSHOT_DATA: cannot make {settings.data}: {error.strerror}"
        ) from error
    try:
        engine = open_database(settings.database)
        upgrade_schema(engine)
        return Records(engine, open_media_store(settings.media))
    except OSError as error:
        raise SettingsInvalid(
            "EARSHOT_DATABASE_URL or EARSHOT_MEDIA_URL: cannot make the folder that it names"
        ) from error
