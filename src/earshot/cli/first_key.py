"""The API key that the first start makes, so that there is one to begin with."""

import os
import sys
from pathlib import Path

import sqlalchemy as sa

from earshot.accounts.keys import create_key, list_keys
from earshot.accounts.projects import DEFAULT_PROJECT
from earshot.settings import Settings
from earshot.transcript.clock import utc_now

FIRST_KEY_NAME = "first"


def offer_first_key(engine: sa.Engine, settings: Settings) -> None:
    """Make a key unless there is one; it is shown on a terminal, else written to DATA/first-key."""
    with engine.begin() as connection:
        if list_keys(connection):
            return
        key = create_key(connection, FIRST_KEY_NAME, DEFAULT_PROJECT, utc_now())
        # In the transaction: a key that could not be shown must not exist.
        if sys.stdout.isatty():
            print(f"API key (shown once): {key.secret}")
            return
        path = settings.data / "first-key"
        _write_private(path, f"{key.secret}\n")
    print(f"API key: in {path}")


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        os.fchmod(descriptor, 0o600)
        file.write(text)
