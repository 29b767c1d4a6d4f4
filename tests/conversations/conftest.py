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
from anchor_session.records import FileStore, MemoryStore, SQLiteStore
from tests.conversations.support import WrittenByAUser

KINDS: "dict[str, Callable[[Path], Any]]" = {
    "memory": lambda _: MemorySessionStorage(),
    "file": FileSessionStorage,
    "user's": lambda _: WrittenByAUser(),
    "memory store": lambda _: StoreSessionStorage(MemoryStore()),
    "file store": lambda path: StoreSessionStorage(FileStore(path)),
    "sqlite store": lambda path: StoreSessionStorage(SQLiteStore(path / "records.sqlite")),
}


@pytest.fixture(autouse=True)
def _nothing_is_open() -> "Iterator[None]":
    registry.forget_all()
    set_default_storage(None)
    yield
    registry.forget_all()
    set_default_storage(None)


@pytest.fixture(params=KINDS)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Each storage, empty; `support.run` closes what has to be closed."""
    return KINDS[request.param](tmp_path)
