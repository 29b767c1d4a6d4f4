"""Records in one SQLite file, in one table."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from random import random
from threading import Lock
from typing import TYPE_CHECKING, Any

from ...errors import StorageError, StoreClosedError
from ..store import Ids, Store
from .atomic_files import make_directory
from .blocking import run

if TYPE_CHECKING:
    import sqlite3

TABLE = "anchor_session_records"
SCHEMA = (
    f"CREATE TABLE IF NOT EXISTS {TABLE} (id TEXT PRIMARY KEY, data TEXT NOT NULL, expires_at REAL)",
    f"CREATE INDEX IF NOT EXISTS {TABLE}_ends ON {TABLE} (expires_at) WHERE expires_at IS NOT NULL",
)
LOAD = f"SELECT data FROM {TABLE} WHERE id = ? AND (expires_at IS NULL OR expires_at > ?)"
SAVE = (
    f"INSERT INTO {TABLE} (id, data, expires_at) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE "
    "SET data = excluded.data, expires_at = excluded.expires_at"
)
DELETE = f"DELETE FROM {TABLE} WHERE id = ?"
LIST = f"SELECT id FROM {TABLE} WHERE expires_at IS NULL OR expires_at > ?"
SWEEP = f"DELETE FROM {TABLE} WHERE expires_at <= ?"

Rows = list[tuple[Any, ...]]


class SQLiteStore(Store):
    """Every save is on the disk when it returns; several processes may share the file.

    The file is made at the first call, for its owner alone, with its directory; it is switched to WAL. A
    file that has other tables keeps them. A call waits up to `timeout` seconds for other processes, then
    raises `StorageError`. Expired records are removed by a save, every `cleanup_interval` seconds at most.

    Each call is one statement of its own, so none can meet a lock half-way and any may be tried again.
    """

    def __init__(
        self,
        path: "str | os.PathLike[str]",
        *,
        timeout: float = 30.0,
        cleanup_interval: float = 60.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if not cleanup_interval > 0:
            raise ValueError(f"cleanup_interval is seconds above zero, not {cleanup_interval!r}")
        if path == ":memory:":
            raise ValueError("SQLiteStore keeps a file; MemoryStore() keeps records in memory")
        super().__init__(clock=clock)
        self.path = Path(path).absolute()
        self._timeout = timeout
        self._interval = cleanup_interval
        self._swept: float | None = None
        self._lock = Lock()  # one statement at a time: the connection is used from many threads
        self._connection: sqlite3.Connection | None = None
        self._process = 0  # that uses the connection
        self._ended = False

    async def _read(self, id: str) -> "bytes | None":
        rows = await self._execute(LOAD, id, self._clock())
        if not rows:
            return None
        data = rows[0][0]
        if not isinstance(data, bytes):  # neither a text nor a blob: something else wrote it
            raise ValueError(f"its data is {type(data).__name__}, not text")
        return data

    async def _write(self, id: str, text: str, ttl: "float | None") -> None:
        now = self._clock()
        expires_at = None if ttl is None else now + ttl
        if self._swept is None or not 0 <= now - self._swept < self._interval:
            self._swept = now
            await self._execute(SWEEP, now)
        await self._execute(SAVE, id, text, expires_at)

    async def _remove(self, id: str) -> None:
        await self._execute(DELETE, id)

    async def _ids(self) -> Ids:
        rows = await self._execute(LIST, self._clock())
        return [id.decode("utf-8", "replace") for (id,) in rows if isinstance(id, bytes)]

    async def _close(self) -> None:
        await run(self._close_now)

    def _where(self, id: str) -> str:
        return f"{self.path}: {id}"

    async def _execute(self, statement: str, *values: Any) -> "Rows":
        """The rows of one statement, which is committed; it is tried until the file is free for it.

        Between two tries neither a thread nor the lock is held: what another process keeps waiting keeps no
        other call waiting.
        """
        from asyncio import sleep

        give_up = time.monotonic() + self._timeout
        while True:
            rows = await run(lambda: self._try_now(statement, values, time.monotonic() > give_up))
            if rows is not None:
                return rows
            await sleep(0.001 + 0.02 * random())

    # -- what runs in a thread --------------------------------------------------------------------

    def _try_now(self, statement: str, values: "tuple[Any, ...]", is_last: bool) -> "Rows | None":
        """The rows, or None where another process is in the way and this is not the last try."""
        import sqlite3

        self._process = self._process or os.getpid()
        if self._is_forked():
            raise StorageError(
                f"SQLite at {self.path} was opened before this process was forked, which "
                "damages files; make the store after the fork",
                key=str(self.path),
            )
        with self._lock:
            if self._ended:
                raise StoreClosedError("this SQLiteStore was closed meanwhile")
            try:
                if self._connection is None:
                    self._connection = self._connect()
                return self._connection.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                if not is_last and _is_busy(error):
                    return None
                raise StorageError(f"SQLite at {self.path}: {error}", key=str(self.path)) from error
            except OSError as error:
                raise StorageError(
                    f"SQLite at {self.path}: {error.strerror or error}", key=str(self.path)
                ) from error

    def _is_forked(self) -> bool:
        """Whether connection and lock are those of a parent; the lock may be held there, for ever here."""
        return self._process not in (0, os.getpid())

    def _connect(self) -> "sqlite3.Connection":
        import sqlite3

        self._make_file()
        connection = sqlite3.connect(
            self.path, timeout=0, isolation_level=None, check_same_thread=False
        )
        try:
            connection.text_factory = bytes  # what something else wrote may be no UTF-8
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            for statement in SCHEMA:
                connection.execute(statement)
        except BaseException:
            connection.close()
            raise
        return connection

    def _make_file(self) -> None:
        # SQLite would make it readable for everyone. One that is there is not opened: closing it again
        # would end the locks that this process has on it (POSIX).
        make_directory(self.path.parent)
        try:
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            pass

    def _close_now(self) -> None:
        if self._is_forked():
            return
        with self._lock:
            self._ended = True
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()


def _is_busy(error: "sqlite3.Error") -> bool:
    """Whether another process has the file at this moment."""
    import sqlite3

    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
