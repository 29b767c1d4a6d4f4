"""Old conversations are removed, open ones and unreadable ones are not."""

import re
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
        assert await cleanup_sessions(storage, timedelta(seconds=1), clock=lambda: NOW) == 0

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
    ("ages", "error"),
    [
        ({"max_age": -1}, "ValueError: max_age is zero or more, not -1; it is a number of seconds"),
        ({"max_age": float("nan")}, "ValueError: max_age is zero or more, not nan; .* of seconds"),
        (
            {"max_age": timedelta(-1)},
            r"ValueError: max_age is zero or more, not -86400\.0; .* seconds",
        ),
        ({"max_age": "1"}, "TypeError: max_age is a number of seconds, or a timedelta, not str"),
        ({"max_age": True}, "TypeError: max_age is a number of seconds, or a timedelta, not bool"),
        ({"max_age": [1]}, "TypeError: max_age is a number of seconds, or a timedelta, not list"),
        ({"max_age_days": -1}, "ValueError: max_age_days is zero or more, not -1; .* of days"),
        ({"max_age_days": float("nan")}, "ValueError: max_age_days is zero or more, not nan"),
        ({"max_age_days": "30"}, "TypeError: max_age_days is a number of days, .* not str"),
        ({"max_age_days": False}, "TypeError: max_age_days is a number of days, .* not bool"),
        ({"max_age_days": timedelta(30)}, "a timedelta is max_age, not timedelta"),
        (
            {},
            "TypeError: .* one age: max_age, in seconds or as a timedelta, or max_age_days=, in days",
        ),
        ({"max_age": None}, "TypeError: .* takes one age"),
        ({"max_age": 3600, "max_age_days": 30}, "TypeError: .* takes one age"),
        ({"max_age": 0, "max_age_days": 0}, "TypeError: .* takes one age"),
    ],
)
def test_wrong_age_removes_nothing(ages: Any, error: str) -> None:
    async def check() -> None:
        storage = await filled(MemorySessionStorage())
        with pytest.raises((TypeError, ValueError)) as caught:
            await cleanup_sessions(storage, **ages, clock=lambda: NOW)
        assert re.search(error, f"{type(caught.value).__name__}: {caught.value}")
        assert storage.size() == 4

    run(check)


@rows(
    ("ages", "removed"),
    [
        ({"max_age_days": 30}, 0),
        ({"max_age_days": 29.99}, 1),
        ({"max_age_days": 1.5}, 2),
        ({"max_age_days": 0}, 3),
        ({"max_age_days": float("inf")}, 0),
        ({"max_age_days": 10**400}, 0),
        ({"max_age": 86_400 * 1.5}, 2),
        ({"max_age": timedelta(days=1.5)}, 2),
        ({"max_age": timedelta(seconds=1)}, 3),
        ({"max_age": float("inf")}, 0),
    ],
)
def test_units(ages: Any, removed: int) -> None:
    async def check() -> None:
        storage = await filled(MemorySessionStorage())
        assert await cleanup_sessions(storage, **ages, clock=lambda: NOW) == removed

    run(check)


@rows("age", [1, 30, 90.0, 365, 3599])
def test_number_that_looks_like_days_is_warned_of_before_anything_is_removed(age: Any) -> None:
    async def check() -> None:
        storage = await filled(MemorySessionStorage())
        said = rf"older than {age} seconds .* max_age_days={age}, .*timedelta\(seconds={age}\)"
        with pytest.raises(
            StorageWarning, match=said
        ):  # the filter of the suite makes errors of them
            await cleanup_sessions(storage, age, clock=lambda: NOW)
        assert storage.size() == 4
        with pytest.warns(StorageWarning, match=said) as caught:
            assert await cleanup_sessions(storage, age, clock=lambda: NOW) == 3
        assert [each.filename for each in caught] == [__file__]

    run(check)
