"""What every store of records does: the checks, the copies, the times, the end.

A store keeps maps by id. Absent, expired and deleted are the same. What it returns is a copy, what it is
given is copied, and what could not come back is refused before anything is written.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from ..codec import decode_object
from ..errors import RecordCorruptError, StoreClosedError
from .ids import check_id, is_id
from .text import text_of
from .ttl import seconds_of

Ids = list[str]  # a class with a method `list` cannot say it


class Store:
    """Base of the stores here: a backend keeps texts by id, in the five hooks at the end.

    Every call raises `SessionIdError` for an id that breaks the rule of `ids`, `StoreClosedError` after
    `close()`, and `StorageError` where the backend fails. `clock` gives seconds since 1970.

    A hook may raise what it likes but has to leave the old record whole; `_read` raises `ValueError`, with
    the reason, for what is no record.
    """

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._closed = False

    async def load(self, id: str) -> "dict[str, Any] | None":
        """The record, or None; its life is not extended. An unreadable one raises `RecordCorruptError`."""
        self._check_open()
        id = check_id(id)
        try:
            found = await self._read(id)
            if found is None:
                return None
            return self._decode(found if isinstance(found, str) else found.decode())
        except ValueError as error:
            where = self._where(id)
            raise RecordCorruptError(
                f"the record at {where} cannot be read: {error}; delete it or put it right",
                key=where,
            ) from error

    async def save(
        self, id: str, data: "dict[str, Any]", ttl: "float | timedelta | None" = None
    ) -> None:
        """Keep a copy under the id, in place of what was there.

        `ttl` is in seconds or a `timedelta`; `None` and zero are for ever, a negative one raises
        `ValueError`. Raises `UnstorableValueError`, with the path, for what the codec cannot hold.
        """
        self._check_open()
        id = check_id(id)
        seconds = seconds_of(ttl)
        await self._write(id, text_of(data), seconds)

    async def delete(self, id: str) -> None:
        """Forget the record; one that is not there is no error."""
        self._check_open()
        await self._remove(check_id(id))

    async def list(self) -> Ids:
        """The ids of all records, sorted; unreadable ones too."""
        self._check_open()
        return sorted(filter(is_id, await self._ids()))

    async def close(self) -> None:
        """Let go of what the store holds open; every later call but this one raises."""
        if not self._closed:
            self._closed = True
            await self._close()

    async def __aenter__(self) -> Self:
        self._check_open()
        return self

    async def __aexit__(
        self,
        kind: "type[BaseException] | None",
        error: "BaseException | None",
        trace: "TracebackType | None",
    ) -> None:
        await self.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreClosedError(f"this {type(self).__name__} is closed; open a new one")

    # -- what a backend does ----------------------------------------------------------------------

    async def _read(self, id: str) -> "str | bytes | None":
        """The text that was written, or None where there is none or it has expired."""
        raise NotImplementedError

    async def _write(self, id: str, text: str, ttl: "float | None") -> None:
        """Replace the text, whole or not at all; it expires in `ttl` seconds (above zero), or never.

        The text is valid Unicode: it has a UTF-8 form.
        """
        raise NotImplementedError

    async def _remove(self, id: str) -> None:
        """Remove the text if it is there, a text that is no record too."""
        raise NotImplementedError

    async def _ids(self) -> Ids:
        """What lies there and has not expired; names that are no ids are left out by `list`."""
        raise NotImplementedError

    async def _close(self) -> None:
        """Runs once."""

    def _decode(self, text: str) -> "dict[str, Any]":
        """The record that the text stands for; `ValueError` where it is none."""
        return decode_object(text, noting=False)  # what is saved again is looked through again

    def _where(self, id: str) -> str:
        """The place of a record, for messages and for `RecordCorruptError.key`."""
        return id
