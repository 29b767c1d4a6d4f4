"""The contract of stores, on each of them."""

from pathlib import Path

import pytest

from anchor_session.testing.store_contract import SharedStoreContract, StoreContract
from tests.records.places import FilePlace, MemoryPlace, OwnPlace, ShortPlace, SQLitePlace, WebPlace


@pytest.mark.both
class TestMemoryStore(StoreContract):
    @pytest.fixture
    def place(self) -> MemoryPlace:
        return MemoryPlace()


@pytest.mark.both
class TestWebStore(SharedStoreContract):
    @pytest.fixture
    def place(self) -> WebPlace:
        return WebPlace()


@pytest.mark.both
class TestFileStore(SharedStoreContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> FilePlace:
        return FilePlace(tmp_path / "records")


@pytest.mark.both
class TestSQLiteStore(SharedStoreContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> SQLitePlace:
        return SQLitePlace(tmp_path / "records.db")


class TestStoreOfFiveHooks(SharedStoreContract):
    @pytest.fixture
    def place(self) -> ShortPlace:
        return ShortPlace()


class TestStoreFromScratch(StoreContract):
    @pytest.fixture
    def place(self) -> OwnPlace:
        return OwnPlace()
