"""Projects: who owns what, and the secret that signs a project's webhooks."""

import base64
import secrets
import uuid
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from earshot.accounts.names import require_name
from earshot.errors import (
    KeyInvalid,
    NameTaken,
    ProjectNamedInSettings,
    ProjectNotFound,
    RequestInvalid,
)
from earshot.storage.projects import (
    DELETED,
    ProjectRow,
    find_project,
    find_project_by_name,
    hold_project,
    insert_project_if_absent,
    rename_project,
    set_webhook_secret,
)

DEFAULT_PROJECT = "default"
# "Standard Webhooks": secrets of 24 to 64 bytes, base64 after the prefix `whsec_`.
_SECRET_BYTES = 32


def ensure_project(conn: sa.Connection, name: str, now: datetime) -> ProjectRow:
    """The project of that name, made if there was none; RequestInvalid for what is no name."""
    found = find_project_by_name(conn, name)
    if found is not None:
        return found
    _require_free(name)
    return insert_project_if_absent(conn, str(uuid.uuid4()), name, now)


def hold_owner(conn: sa.Connection, project_id: str) -> None:
    """KeyInvalid where the project was deleted since its caller was let in.

    Otherwise nobody deletes it until the transaction ends: to be called by whatever stores
    something for it, for what is stored for a deleted project would stay.
    """
    if not hold_project(conn, project_id):
        raise KeyInvalid


def require_project(conn: sa.Connection, name: str) -> ProjectRow:
    """The project of that name; ProjectNotFound if there is none."""
    project = find_project_by_name(conn, name)
    if project is None:
        raise ProjectNotFound(name)
    return project


def create_project(conn: sa.Connection, name: str, now: datetime) -> ProjectRow:
    """A new project; NameTaken where there is one of that name, RequestInvalid if it is none."""
    _require_free(name)
    made = insert_project_if_absent(conn, project_id := str(uuid.uuid4()), name, now)
    if made.id != project_id:
        raise NameTaken(f"a project named {name!r} exists already")
    return made


def change_name(
    conn: sa.Connection, project_id: str, name: str, in_settings: Collection[str] = ()
) -> None:
    """Call the project so; NameTaken, ProjectNotFound, or RequestInvalid for what is no name.

    Raises ProjectNamedInSettings for a name that is `in_settings`: what may not be sent to a
    language model, for one, goes by it.
    """
    current = find_project(conn, project_id)
    if current is None or current.deleted_at is not None:
        raise ProjectNotFound(project_id)
    if current.name == name:
        return
    if current.name in in_settings:
        raise ProjectNamedInSettings(current.name)
    _require_free(name)
    try:
        with conn.begin_nested():
            is_there = rename_project(conn, project_id, name)
    except sa.exc.IntegrityError as error:
        raise NameTaken(f"a project named {name!r} exists already") from error
    if not is_there:
        raise ProjectNotFound(project_id)


def webhook_secret(conn: sa.Connection, project_id: str) -> str:
    """The project's signing secret, made at the first call; ProjectNotFound once it is deleted."""
    secret = _current_secret(conn, project_id)
    if secret is not None:
        return secret
    set_webhook_secret(conn, project_id, _new_secret(), expected=None)
    made = _current_secret(conn, project_id)
    assert made is not None
    return made


def rotate_webhook_secret(conn: sa.Connection, project_id: str) -> str:
    """A new signing secret for the project; what was signed with the old one stays as it is."""
    current = _current_secret(conn, project_id)
    set_webhook_secret(conn, project_id, _new_secret(), expected=current)
    rotated = _current_secret(conn, project_id)
    assert rotated is not None
    return rotated


def _current_secret(conn: sa.Connection, project_id: str) -> str | None:
    project = find_project(conn, project_id)
    if project is None or project.deleted_at is not None:
        raise ProjectNotFound(project_id)
    return project.webhook_secret


def _require_free(name: str) -> None:
    """RequestInvalid for what is no name, or is one of a deleted project."""
    if require_name(name).startswith(DELETED):
        raise RequestInvalid(f"name must not begin with {DELETED!r}: deleted projects do")


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode("ascii")
