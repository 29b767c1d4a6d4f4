"""Conversations in a directory, one file each: ``<directory>/<id>.json``, as the TypeScript SDK keeps them.

A file is the JSON of `SessionState.to_dict`, indented by two spaces.
"""

import os
import re
import time
from collections.abc import Callable
from json import dumps, loads
from pathlib import Path
from typing import Any, TypeVar

from ...codec import decode_object, encode
from ...errors import RecordCorruptError, StorageError
from ...records.ids import check_id, is_id
from ...records.stores.atomic_files import (
    UNREADABLE,
    is_abandoned,
    names_in,
    read_file,
    remove_file,
    write_whole,
)
from ...records.stores.blocking import run
from ..state import SessionState

Ids = list[str]  # a class with a method `list` cannot say it
Result = TypeVar("Result")

_SURROGATE = re.compile("[\ud800-\udfff]")


class FileSessionStorage:
    """A crash at any moment leaves the old file or the new one; the directory is made by the first save.

    A file that cannot be read raises `RecordCorruptError` with its path, and is listed. Other failures of
    the system raise `StorageError`.
    """

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        # Absolute, so that a change of the working directory moves no conversation.
        self.directory = Path(directory).absolute()

    async def save(self, state: SessionState) -> None:
        path = self._path(state.id)
        text = indented(state.to_dict())
        await run(lambda: _guarded("write", path, lambda: write_whole(path, text)))

    async def load(self, id: str) -> SessionState | None:
        path = self._path(id)
        try:
            content = await run(lambda: _guarded("read", path, lambda: _content(path)))
            if content is None:
                return None
            state = SessionState.from_dict(decode_object(content.decode()))
            if state.id != id:
                raise ValueError(f"it is the conversation {state.id}")
        except ValueError as error:
            raise RecordCorruptError(
                f"the conversation in {path} cannot be read: {error}; delete it or put it right",
                key=str(path),
            ) from error
        return state

    async def delete(self, id: str) -> None:
        path = self._path(id)
        await run(lambda: _guarded("remove", path, lambda: remove_file(path)))

    async def list(self) -> Ids:
        return await run(lambda: _guarded("list", self.directory, self._list_now))

    def _path(self, id: str) -> Path:
        return self.directory / f"{check_id(id)}.json"

    def _list_now(self) -> Ids:
        try:
            names = names_in(self.directory)
        except FileNotFoundError:
            return []
        now = time.time()
        for name in names:
            if is_abandoned(self.directory / name, now):  # a process was killed while it wrote
                (self.directory / name).unlink(missing_ok=True)
        ids = [name.removesuffix(".json") for name in names if name.endswith(".json")]
        return sorted(filter(is_id, ids))


def indented(data: dict[str, Any]) -> str:
    """The text of the data as ``JSON.stringify(data, null, 2)`` would lay it out."""
    text = dumps(loads(encode(data)), indent=2, ensure_ascii=False)
    return _SURROGATE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def _content(path: Path) -> bytes | None:
    try:
        return read_file(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in UNREADABLE:
            raise ValueError(error.strerror) from error
        raise


def _guarded(verb: str, path: Path, work: Callable[[], Result]) -> Result:
    try:
        return work()
    except OSError as error:
        raise StorageError(
            f"cannot {verb} {path}: {error.strerror or error}", key=str(path)
        ) from error
