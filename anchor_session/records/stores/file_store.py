"""Records in a directory, one file each: ``<directory>/<id>.json``."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ...errors import SessionIdError, StorageError
from ..ids import is_id
from ..store import Ids, Store
from .atomic_files import (
    UNREADABLE,
    folds_case,
    is_abandoned,
    make_directory,
    names_in,
    read_file,
    remove_file,
    remove_if,
    write_whole,
)
from .blocking import run
from .expiry import HEAD, Head, read_head, unwrap, wrap

Result = TypeVar("Result")

_AT_ONCE = 100  # files that one save looks through in a sweep


class FileStore(Store):
    """A crash at any moment leaves the old record or the new one; several processes may share a directory.

    A file holds ``{"id":...,"expires_at":...,"data":...}`` and is its owner's alone. The directory is made
    at the first save. Expired records and what killed processes left are removed by saves, some files at a
    time, once every `cleanup_interval` seconds; where a directory cannot be locked (Windows, some network
    file systems) expired ones stay until they are saved over or deleted.

    Where a file system takes ``ab`` and ``AB`` for one, `save` under the second raises `SessionIdError`
    and `load` gives None: no record is taken for another.
    """

    def __init__(
        self,
        directory: "str | os.PathLike[str]",
        *,
        cleanup_interval: float = 3600.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if not cleanup_interval > 0:
            raise ValueError(f"cleanup_interval is seconds above zero, not {cleanup_interval!r}")
        super().__init__(clock=clock)
        # Absolute, so that a change of the working directory moves no records.
        self.directory = Path(directory).absolute()
        self._interval = cleanup_interval
        self._swept: float | None = None
        self._unswept: Ids = []
        self._folds: bool | None = None

    async def _read(self, id: str) -> "str | None":
        return await run(lambda: self._guarded("read", id, lambda: self._read_now(id)))

    async def _write(self, id: str, text: str, ttl: "float | None") -> None:
        expires_at = None if ttl is None else self._clock() + ttl
        whole = wrap(id, text, expires_at)
        await run(lambda: self._guarded("write", id, lambda: self._write_now(id, whole)))

    async def _remove(self, id: str) -> None:
        await run(lambda: self._guarded("remove", id, lambda: self._remove_now(id)))

    async def _ids(self) -> Ids:
        return await run(self._list_now)

    def _where(self, id: str) -> str:
        return str(self._path(id))

    def _path(self, id: str) -> Path:
        return self.directory / f"{id}.json"

    def _guarded(self, verb: str, id: str, work: "Callable[[], Result]") -> Result:
        try:
            return work()
        except OSError as error:
            raise StorageError(
                f"cannot {verb} the record {self._where(id)}: {error.strerror or error}",
                key=self._where(id),
            ) from error

    # -- what runs in a thread --------------------------------------------------------------------

    def _read_now(self, id: str) -> "str | None":
        path = self._path(id)
        try:
            content = read_file(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno in UNREADABLE:
                raise ValueError(error.strerror) from error
            raise
        try:
            head, text = unwrap(content.decode())
        except ValueError:
            if self._is_over(path):
                return None
            raise
        if self._is_of_another(id, head):
            return None
        if head.is_over(self._clock()):
            remove_if(path, lambda: self._is_over(path))
            return None
        return text

    def _write_now(self, id: str, whole: str) -> None:
        if self._folds is None:
            make_directory(self.directory)
            self._folds = folds_case(self.directory)
        if self._folds:
            head = self._head(self._path(id))
            if (
                head is not None
                and self._is_of_another(id, head)
                and not head.is_over(self._clock())
            ):
                raise SessionIdError(
                    f"{id!r} differs in case alone from {head.id!r}, which is stored in "
                    f"{self.directory}: its file system takes the two for one"
                )
        write_whole(self._path(id), whole)
        self._sweep()

    def _remove_now(self, id: str) -> None:
        path = self._path(id)
        head = self._head(path)
        if head is None or not self._is_of_another(id, head):
            remove_file(path)

    def _list_now(self) -> Ids:
        try:
            names = names_in(self.directory)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StorageError(
                f"cannot list the records in {self.directory}: {error.strerror}",
                key=str(self.directory),
            ) from error
        ids = [name.removesuffix(".json") for name in names if name.endswith(".json")]
        return [id for id in ids if is_id(id) and not self._is_over(self._path(id))]

    # -- ends ---------------------------------------------------------------------------------

    def _head(self, path: Path) -> "Head | None":
        """None for a file that is not there or cannot be read."""
        try:
            start = read_file(path, HEAD).decode("utf-8", "replace")
            return read_head(start) or unwrap(read_file(path).decode())[0]
        except (OSError, ValueError):
            return None

    def _is_over(self, path: Path) -> bool:
        head = self._head(path)
        return head is not None and head.is_over(self._clock())

    def _is_of_another(self, id: str, head: Head) -> bool:
        """Whether the file was found under this id because the file system folds case."""
        if head.id == id or head.id.lower() != id.lower():
            return False
        if self._folds is None:
            self._folds = folds_case(self.directory)
        return self._folds

    def _sweep(self) -> None:
        """Look through some files for what is over; one that cannot be removed stays, and stays over."""
        now = self._clock()
        try:
            if self._swept is None or not 0 <= now - self._swept < self._interval:
                self._swept = now
                self._unswept = names_in(self.directory)
            for _ in range(min(_AT_ONCE, len(self._unswept))):
                self._sweep_one(self.directory / self._unswept.pop())
        except (OSError, IndexError):  # another thread took the last name
            return

    def _sweep_one(self, path: Path) -> None:
        if path.suffix == ".json" and is_id(path.stem):
            if self._is_over(path):
                remove_if(path, lambda: self._is_over(path))
        elif is_abandoned(path, time.time()):
            path.unlink(missing_ok=True)
