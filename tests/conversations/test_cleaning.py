"""Old conversations are removed, open ones and unreadable ones are not."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from anchor_session import StorageWarning
from anchor_session.conversations import (
    FileSessionStorage,
    MemorySessionStorage,
    SessionState,
    cleanup_sessions,
    resume_session,
)
from tests.conversations.support import run
from tests.support import rows

NOW = 1_000_000_000
DAY = 86_400_000


async def filled(storage: Any) -> Any:
    for days in (0, 1, 2, 30):
        await storage.save(SessionState.new(f"age{days}", at=NOW - days * DAY))
    return storage


def test_what_is_older_is_removed(storage: Any) -> None:
    async def check() -> None:
        await filled(storage)
        assert await cleanup_sessions(storage, timedelta(days=1, hours=1), clock=lambda: NOW) == 2
        assert sorted(await storage.list()) == ["age0", "age1"]
        assert await cleanup_sessions(storage, 3600, clock=lambda: NOW) == 1
        assert await cleanup_sessions(storage, 0, clock=lambda: NOW) == 0
        assert await storage.list() == ["age0"]

    run(check, storage)


def test_last_update_counts() -> None:
    async def check() -> None:
        storage = MemorySessionStorage()
        state = SessionState.new("x", at=0)
        state.updated_at = NOW
        await storage.save(state)
        assert await cleanup_sessions(storage, 1, clock=lambda: NOW) == 0

    run(check)


def test_open_conversation_is_left_alone() -> None:
    async def check() -> None:
        storage = await filled(MemorySessionStorage())
        conversation = await resume_session("age30", session_storage=storage)
        assert await cleanup_sessions(storage, 3600, clock=lambda: NOW) == 2
        assert sorted(await storage.list()) == ["age0", "age30"]
        await conversation.close()
        assert await cleanup_sessions(storage, 3600, clock=lambda: NOW) == 1

    run(check)


def test_unreadable_file_stops_nothing_and_stays(tmp_path: Path) -> None:
    async def check() -> None:
        storage = await filled(FileSessionStorage(tmp_path))
        (tmp_path / "age15.json").write_text("{")
        with pytest.warns(StorageWarning, match=r"age15\.json"):
            assert await cleanup_sessions(storage, 3600, clock=lambda: NOW) == 3
        assert await storage.list() == ["age0", "age15"]

    run(check)


@rows(
    ("age", "error"),
    [(-1, ValueError), (float("nan"), ValueError), (timedelta(-1), ValueError)]
    + [("1", TypeError), (None, TypeError), (True, TypeError)],
)
def test_wrong_age_removes_nothing(age: Any, error: Any) -> None:
    async def check() -> None:
        storage = await filled(MemorySessionStorage())
        with pytest.raises(error, match="max_age"):
            await cleanup_sessions(storage, age, clock=lambda: NOW)
        assert storage.size() == 4

    run(check)


def test_for_ever_is_a_long_time() -> None:
    async def check() -> None:
        storage = await filled(MemorySessionStorage())
        assert await cleanup_sessions(storage, float("inf"), clock=lambda: NOW) == 0

    run(check)
