"""Where the stores under test keep their records."""

import sqlite3
from pathlib import Path

from anchor_session.records import FileStore, MemoryStore, SQLiteStore, WebStore
from anchor_session.records.sqlite import TABLE
from anchor_session.testing import MemoryArea
from anchor_session.testing.store_contract import StorePlace


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
