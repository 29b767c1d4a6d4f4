"""No conversation is open when a test begins, and each storage is tried."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from anchor_session.conversations import (
    FileSessionStorage,
    MemorySessionStorage,
    StoreSessionStorage,
    registry,
    set_default_storage,
)
from anchor_session.records import FileStore, MemoryStore, SQLiteStore, WebStore
from anchor_session.testing import MemoryArea
from tests.conversations.support import WrittenByAUser

FEW = ("memory", "file", "user's", "memory store", "sqlite store")
"""Kinds that differ in what a storage does with a conversation; in what its store does, the others do."""

KINDS: "dict[str, Callable[[Path], Any]]" = {
    "memory": lambda _: MemorySessionStorage(),
    "file": FileSessionStorage,
    "user's": lambda _: WrittenByAUser(),
    "memory store": lambda _: StoreSessionStorage(MemoryStore()),
    "file store": lambda path: StoreSessionStorage(FileStore(path)),
    "web store": lambda _: StoreSessionStorage(WebStore(MemoryArea())),
    "sqlite store": lambda path: StoreSessionStorage(SQLiteStore(path / "records.sqlite")),
}


@pytest.fixture(autouse=True)
def _nothing_is_open() -> "Iterator[None]":
    registry.forget_all()
    set_default_storage(MemorySessionStorage())
    yield
    registry.forget_all()
    set_default_storage(MemorySessionStorage())


@pytest.fixture(params=FEW)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A storage of each kind, empty; `support.run` closes what has to be closed."""
    return KINDS[request.param](tmp_path)
