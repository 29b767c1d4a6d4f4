"""Where the stores under test keep their records."""

import sqlite3
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

from anchor_session import StoreClosedError
from anchor_session.codec import as_stored
from anchor_session.records import FileStore, MemoryStore, SQLiteStore, Store, WebStore
from anchor_session.records.ids import check_id
from anchor_session.records.stores.sqlite import TABLE
from anchor_session.records.text import text_of
from anchor_session.records.ttl import seconds_of
from anchor_session.testing import MemoryArea
from anchor_session.testing.store_contract import StorePlace

Ids = list[str]


class MemoryPlace(StorePlace):
    def open(self) -> MemoryStore:
        return MemoryStore(clock=self.now)


class WebPlace(StorePlace):
    """An area with the records of one test, and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.area = MemoryArea()

    def open(self) -> WebStore:
        return WebStore(self.area, clock=self.now)

    async def spoil(self, id: str, text: str) -> None:
        self.area.setItem(f"anchor-records://{id}", text)


class FilePlace(StorePlace):
    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.directory = directory

    def open(self) -> FileStore:
        return FileStore(self.directory, clock=self.now)

    async def spoil(self, id: str, text: str) -> None:
        (self.directory / f"{id}.json").write_text(text)


class SQLitePlace(StorePlace):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def open(self) -> SQLiteStore:
        return SQLiteStore(self.path, clock=self.now)

    async def spoil(self, id: str, text: str) -> None:
        connection = sqlite3.connect(self.path)
        with connection:
            connection.execute(f"UPDATE {TABLE} SET data = ? WHERE id = ?", (text, id))
        connection.close()


class ShortStore(Store):
    """A store that a user makes of the base: texts in a dict that several share."""

    def __init__(self, entries: "dict[str, tuple[str, float]]", now: "Callable[[], float]") -> None:
        super().__init__(clock=now)
        self.entries = entries

    async def _read(self, id: str) -> "str | None":
        text, end = self.entries.get(id, ("", 0))
        return text if end > self._clock() else None

    async def _write(self, id: str, text: str, ttl: "float | None") -> None:
        self.entries[id] = text, float("inf") if ttl is None else self._clock() + ttl

    async def _remove(self, id: str) -> None:
        self.entries.pop(id, None)

    async def _ids(self) -> Ids:
        return [id for id, (_, end) in self.entries.items() if end > self._clock()]


class ShortPlace(StorePlace):
    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[str, tuple[str, float]] = {}

    def open(self) -> ShortStore:
        return ShortStore(self.entries, self.now)

    async def spoil(self, id: str, text: str) -> None:
        self.entries[id] = text, float("inf")


class OwnStore:
    """A store that derives from nothing."""

    def __init__(self, now: "Callable[[], float]") -> None:
        self.now = now
        self.records: dict[str, tuple[Any, float]] | None = {}

    def live(self) -> "dict[str, tuple[Any, float]]":
        if self.records is None:
            raise StoreClosedError("closed")
        self.records = {id: kept for id, kept in self.records.items() if kept[1] > self.now()}
        return self.records

    async def load(self, id: str) -> "dict[str, Any] | None":
        found: dict[str, Any] | None = deepcopy(self.live().get(check_id(id), (None,))[0])
        return found

    async def save(
        self, id: str, data: "dict[str, Any]", ttl: "float | timedelta | None" = None
    ) -> None:
        seconds = seconds_of(ttl)
        text_of(data)
        end = float("inf") if seconds is None else self.now() + seconds
        self.live()[check_id(id)] = as_stored(data), end

    async def delete(self, id: str) -> None:
        self.live().pop(check_id(id), None)

    async def list(self) -> Ids:
        return sorted(self.live())

    async def close(self) -> None:
        self.records = None


class OwnPlace(StorePlace):
    def open(self) -> OwnStore:
        return OwnStore(self.now)
