"""Locks that say "I am alive": the operating system, or PostgreSQL, drops them at death.

A heartbeat in a table would say it late, and wrongly whenever a machine is slow or a clock is off.
"""

import fcntl
import hashlib
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from earshot.storage.database import LOCK_WAIT_S

# A machine that vanished without closing its connections is noticed within 2 + 3 * 1 s; who waits
# for its locks waits a little longer than that.
_SESSION = (
    "-c tcp_keepalives_idle=2 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=3"
    " -c idle_session_timeout=0 -c lock_timeout=7s"
)


class LifeLocks(Protocol):
    """Locks by name, each held by at most one process."""

    def try_hold(self, name: str) -> bool:
        """True if this process holds the lock now, until it releases it or dies."""

    def release(self, name: str) -> None:
        """Let go of the lock; nothing happens unless this process holds it."""

    def held(self, names: Iterable[str]) -> set[str]:
        """Those of the names whose lock some living process holds, this one included."""

    def renew(self) -> None:
        """Take again what was lost with a broken connection."""

    def discard(self, name: str) -> None:
        """Remove what a dead holder of a name that never comes back has left."""

    def close(self) -> None:
        """Release everything."""


def open_locks(engine: sa.Engine) -> LifeLocks:
    """The locks of the installation that shares this database."""
    if engine.dialect.name == "sqlite":
        assert engine.url.database is not None
        return FileLocks(Path(engine.url.database).parent / "workers")
    return AdvisoryLocks(engine)


class FileLocks:
    """Locked files in a folder beside the database, for the processes of one machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, int] = {}
        # A forked child would keep the lock alive beyond its parent's death.
        os.register_at_fork(after_in_child=self.close)

    def try_hold(self, name: str) -> bool:
        if name in self._held:
            return True
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path(name), os.O_RDWR | os.O_CREAT, 0o600)
        if not _lock(descriptor, exclusive=True):
            os.close(descriptor)
            return False
        self._held[name] = descriptor
        return True

    def release(self, name: str) -> None:
        descriptor = self._held.pop(name, None)
        if descriptor is not None:
            os.close(descriptor)

    def held(self, names: Iterable[str]) -> set[str]:
        return {name for name in names if name in self._held or self._is_held(name)}

    def renew(self) -> None:
        """Nothing to do: these locks are lost only with the process."""

    def discard(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def close(self) -> None:
        for name in list(self._held):
            self.release(name)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.lock"

    def _is_held(self, name: str) -> bool:
        try:
            descriptor = os.open(self._path(name), os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            # Shared, so that two who look at the same time do not take each other for the holder.
            return not _lock(descriptor, exclusive=False)
        finally:
            os.close(descriptor)


class AdvisoryLocks:
    """PostgreSQL's advisory locks, held by one connection of their own.

    While the connection is broken, others may take this process for dead and its jobs over; what
    it does then, the workflow engine refuses to record.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = sa.create_engine(
            engine.url,
            poolclass=sa.NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args={"connect_timeout": int(LOCK_WAIT_S), "options": _SESSION},
        )
        self._lock = threading.Lock()
        self._connection: sa.Connection | None = None
        self._names: set[str] = set()

    def try_hold(self, name: str) -> bool:
        with self._lock:
            if name in self._names:
                return True
            taken: bool = self._execute(sa.select(sa.func.pg_try_advisory_lock(_key(name))))
            if taken:
                self._names.add(name)
            return taken

    def release(self, name: str) -> None:
        with self._lock:
            if name in self._names:
                self._names.discard(name)
                self._execute(sa.select(sa.func.pg_advisory_unlock(_key(name))))

    def held(self, names: Iterable[str]) -> set[str]:
        wanted = {_key(name): name for name in names}
        found = sa.text(
            "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE granted"
            " AND locktype = 'advisory' AND objsubid = 1 AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        with self._engine.connect() as connection:
            keys = set(connection.execute(found).scalars())
        return {name for key, name in wanted.items() if key in keys}

    def renew(self) -> None:
        with self._lock:
            try:
                self._execute(sa.select(1))
            except sa.exc.DBAPIError:
                self._drop_connection()
                self._execute(sa.select(1))

    def discard(self, name: str) -> None:
        """Nothing to do: a lock leaves nothing behind."""

    def close(self) -> None:
        with self._lock:
            self._names.clear()
            self._drop_connection()
            self._engine.dispose()

    def _execute(self, statement: sa.Select[tuple[object]]) -> bool:
        if self._connection is None:
            self._connection = self._connect()
        return bool(self._connection.execute(statement).scalar_one())

    def _connect(self) -> sa.Connection:
        """A connection that holds every name: one that held fewer would pass for sound."""
        connection = self._engine.connect()
        try:
            for name in self._names:
                # It waits: the server may yet have to notice that the old connection is gone.
                connection.execute(sa.select(sa.func.pg_advisory_lock(_key(name))))
        except BaseException:
            connection.invalidate()
            connection.close()
            raise
        return connection

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def _key(name: str) -> int:
    digest = hashlib.sha256(f"earshot:{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _lock(descriptor: int, *, exclusive: bool) -> bool:
    kind = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
