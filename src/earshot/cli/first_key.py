"""The API key that the first start makes, so that there is one to begin with."""

import os
import sys
from pathlib import Path

import sqlalchemy as sa

from earshot.accounts.keys import CreatedKey, create_key, list_keys, withdraw_key
from earshot.accounts.projects import DEFAULT_PROJECT
from earshot.errors import NameTaken
from earshot.settings import Settings
from earshot.storage.database import map_database_errors
from earshot.transcript.clock import utc_now

FIRST_KEY_NAME = "first"


def offer_first_key(engine: sa.Engine, settings: Settings) -> None:
    """Make a key unless there is one; it is shown on a terminal, else written to DATA/first-key."""
    key = _make_first_key(engine)
    if key is None:
        return
    path = None if sys.stdout.isatty() else settings.data / "first-key"
    try:
        if path is None:
            print(f"API key (shown once): {key.secret}", flush=True)
        else:
            _write_private(path, f"{key.secret}\n")
    except BaseException:
        with map_database_errors(), engine.begin() as connection:
            withdraw_key(connection, key)
        raise
    if path is not None:
        print(f"API key: in {path}")


def _make_first_key(engine: sa.Engine) -> CreatedKey | None:
    """The key, once it is stored; None if there was one already."""
    try:
        with map_database_errors(), engine.begin() as connection:
            if list_keys(connection):
                return None
            return create_key(connection, FIRST_KEY_NAME, DEFAULT_PROJECT, utc_now())
    except NameTaken:  # another server that starts on this database was faster
        return None


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        os.fchmod(descriptor, 0o600)
        file.write(text)
