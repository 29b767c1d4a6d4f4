"""Session Storage of formagent-sdk: its examples, in its order, as they are written here.

What another process would find is looked for through a second storage on the same directory.
"""

import json
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from anchor_session import SessionNotFoundError
from anchor_session.conversations import (
    Event,
    FileSessionStorage,
    MemorySessionStorage,
    Message,
    SessionState,
    SessionStorage,
    TextEvent,
    cleanup_sessions,
    create_session,
    create_session_storage,
    fork_session,
    registry,
    resume_session,
    set_default_storage,
)
from tests.conversations.support import run, said
from tests.support import rows

pytestmark = pytest.mark.both

Ids = list[str]
DAY = 24 * 60 * 60 * 1000


@pytest.fixture(autouse=True)
def _directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Paths are relative there."""
    monkeypatch.chdir(tmp_path)
    registry.forget_all()
    yield
    registry.forget_all()
    set_default_storage(MemorySessionStorage())


def read(path: str) -> str:
    """Stands in for the built-in tools."""
    return Path(path).read_text()


builtin_tools = [read]


async def claude(state: SessionState, tools: Mapping[str, Any]) -> AsyncIterator[Event]:
    """Stands in for the model: says how much it was told, and by which model it would be answered."""
    yield TextEvent(f"{state.config['model']}, {sorted(tools)}: ")
    yield TextEvent(" / ".join([message["content"] for message in state.messages]))


async def previous() -> str:
    """A session of before, in ./sessions, with one question and its answer."""
    storage = FileSessionStorage("./sessions")
    session = await create_session(
        provider=claude, model="m", tools=builtin_tools, session_storage=storage
    )
    await session.send("About knots.")
    async for _ in session.receive():
        pass
    await session.close()
    return session.id


# -- Quick Start --------------------------------------------------------------------------------------


def test_session_is_created_in_a_file() -> None:
    """Quick Start, Using FileSessionStorage."""

    async def check() -> None:
        storage = FileSessionStorage("./sessions")
        session = await create_session(
            model="claude-sonnet-4-20250514", tools=builtin_tools, session_storage=storage
        )
        session_id = session.id
        await session.send("Hello")
        await session.close()
        found = await FileSessionStorage("./sessions").load(session_id)
        assert found is not None
        assert said(found.messages) == [("user", "Hello")]

    run(check)


def test_session_is_resumed_with_its_full_context() -> None:
    """Quick Start, Resuming a Session."""

    async def check() -> None:
        previous_session_id = await previous()
        storage = FileSessionStorage("./sessions")
        session = await create_session(
            provider=claude,
            model="claude-sonnet-4-20250514",
            tools=builtin_tools,
            session_storage=storage,
            resume=previous_session_id,
        )
        await session.send("What were we discussing?")
        written = ""
        async for event in session.receive():
            if event.type == "text":
                written += event.text
        assert written == (
            "claude-sonnet-4-20250514, ['read']: "
            "About knots. / m, ['read']: About knots. / What were we discussing?"
        )
        found = await FileSessionStorage("./sessions").load(previous_session_id)
        assert found is not None
        assert [message["role"] for message in found.messages] == ["user", "assistant"] * 2
        assert found.messages[-1]["content"] == written

    run(check)


# -- Global Storage Configuration ---------------------------------------------------------------------


def test_default_storage_is_for_all_sessions() -> None:
    """Global Storage Configuration."""

    async def check() -> None:
        set_default_storage(FileSessionStorage("./sessions"))
        session1 = await create_session(model="claude-sonnet-4-20250514")
        session2 = await create_session(model="claude-sonnet-4-20250514")
        assert sorted(await FileSessionStorage("./sessions").list()) == sorted(
            [session1.id, session2.id]
        )

    run(check)


# -- Storage Interface --------------------------------------------------------------------------------


class Custom:
    """A storage of four methods."""

    def __init__(self) -> None:
        self.states: dict[str, SessionState] = {}
        self.calls: list[str] = []

    async def save(self, state: SessionState) -> None:
        self.calls.append("save")
        self.states[state.id] = SessionState.from_dict(state.to_dict())

    async def load(self, session_id: str) -> SessionState | None:
        self.calls.append("load")
        return self.states.get(session_id)

    async def delete(self, session_id: str) -> None:
        self.calls.append("delete")
        self.states.pop(session_id, None)

    async def list(self) -> Ids:
        self.calls.append("list")
        return list(self.states)


def test_interface_is_four_methods() -> None:
    """Storage Interface."""

    async def check() -> None:
        custom = Custom()
        storage: SessionStorage = custom
        session = await create_session(session_storage=storage)
        await session.send("Hello")
        await session.close()
        again = await resume_session(session.id, session_storage=storage)
        assert said(again.messages) == [("user", "Hello")]
        await again.close()
        assert await cleanup_sessions(storage, 0, clock=lambda: again.state.updated_at + 1) == 1
        assert custom.states == {}
        assert set(custom.calls) == {"save", "load", "delete", "list"}

    run(check)


def test_state_has_its_fields() -> None:
    """Storage Interface, SessionState Structure."""

    async def check() -> None:
        before = time.time_ns() // 1_000_000
        storage = FileSessionStorage("./sessions")
        first = await create_session(session_storage=storage, metadata={"owner": "Ada", "n": [1]})
        await first.send({"role": "user", "content": "Hello"})
        fork = await fork_session(first.id, session_storage=storage)
        found = await FileSessionStorage("./sessions").load(fork.id)
        assert found is not None
        assert found.id == fork.id
        assert said(found.messages) == [("user", "Hello")]
        assert found.usage == {"input_tokens": 0, "output_tokens": 0}
        assert found.metadata == {"owner": "Ada", "n": [1]}
        assert before <= found.created_at <= found.updated_at <= time.time_ns() // 1_000_000
        assert found.parent_id == first.id

    run(check)


def test_parent_is_absent_where_nothing_was_forked() -> None:
    """Storage Interface, SessionState Structure: `parentId?`."""

    async def check() -> None:
        storage = FileSessionStorage("./sessions")
        session = await create_session(session_storage=storage)
        found = await FileSessionStorage("./sessions").load(session.id)
        assert found is not None
        assert found.parent_id is None
        text = Path(f"./sessions/{session.id}.json").read_text()
        assert sorted(json.loads(text)) == [
            "createdAt",
            "id",
            "messages",
            "metadata",
            "updatedAt",
            "usage",
        ]

    run(check)


# -- Built-in Implementations -------------------------------------------------------------------------


def test_memory_storage_is_cleared_and_counted() -> None:
    """Built-in Implementations, MemorySessionStorage."""

    async def check() -> None:
        storage = MemorySessionStorage()
        session = await create_session(session_storage=storage)
        assert storage.size() == 1
        storage.clear()
        assert storage.size() == 0
        assert await storage.load(session.id) is None

    run(check)


def test_files_are_called_by_the_id() -> None:
    """Built-in Implementations, FileSessionStorage: the file structure."""

    async def check() -> None:
        storage = FileSessionStorage("./sessions")
        ids = [(await create_session(session_storage=storage)).id for _ in range(3)]
        names = [path.name for path in Path("./sessions").iterdir()]
        assert sorted(names) == sorted([f"{id}.json" for id in ids])
        assert all(name.startswith("sess_") for name in names)

    run(check)


# -- Custom Storage Examples --------------------------------------------------------------------------


class Client:
    """Stands in for a client of Redis that decodes its replies: what it keeps, the next one finds."""

    kept: "dict[str, str]"

    def __init__(self, url: str) -> None:
        self.kept = SERVERS.setdefault(url, {})

    async def set(self, key: str, value: str) -> None:
        assert isinstance(value, str)
        self.kept[key] = value

    async def get(self, key: str) -> str | None:
        return self.kept.get(key)

    async def delete(self, key: str) -> None:
        self.kept.pop(key, None)

    async def keys(self, pattern: str) -> Ids:
        return [key for key in self.kept if key.startswith(pattern.removesuffix("*"))]


SERVERS: "dict[str, dict[str, str]]" = {}


class RedisSessionStorage:
    def __init__(self, redis_url: str, prefix: str = "session:") -> None:
        self.client = Client(redis_url)
        self.prefix = prefix

    async def save(self, state: SessionState) -> None:
        await self.client.set(self.prefix + state.id, json.dumps(state.to_dict()))

    async def load(self, id: str) -> SessionState | None:
        data = await self.client.get(self.prefix + id)
        return SessionState.from_dict(json.loads(data)) if data else None

    async def delete(self, id: str) -> None:
        await self.client.delete(self.prefix + id)

    async def list(self) -> Ids:
        keys = await self.client.keys(self.prefix + "*")
        return [key[len(self.prefix) :] for key in keys]


class SQLiteSessionStorage:
    def __init__(self, db_path: str) -> None:
        self.db = sqlite3.connect(db_path)
        self.db.execute("""
            CREATE TABLE IF NOT EXISTS sessions (
                id TEXT PRIMARY KEY,
                state TEXT NOT NULL,
                updated_at INTEGER NOT NULL
            )
        """)

    async def save(self, state: SessionState) -> None:
        row = (state.id, json.dumps(state.to_dict()), time.time_ns() // 1_000_000)
        with self.db:
            self.db.execute(
                "INSERT OR REPLACE INTO sessions (id, state, updated_at) VALUES (?, ?, ?)", row
            )

    async def load(self, id: str) -> SessionState | None:
        row = self.db.execute("SELECT state FROM sessions WHERE id = ?", (id,)).fetchone()
        return SessionState.from_dict(json.loads(row[0])) if row else None

    async def delete(self, id: str) -> None:
        with self.db:
            self.db.execute("DELETE FROM sessions WHERE id = ?", (id,))

    async def list(self) -> Ids:
        return [row[0] for row in self.db.execute("SELECT id FROM sessions").fetchall()]

    async def close(self) -> None:
        self.db.close()


async def check_custom(make: Any) -> None:
    """What is stored through one object is found, continued and removed through another."""
    storage, other = make(), make()
    try:
        session = await create_session(provider=claude, model="m", session_storage=storage)
        await session.send("Hello")
        async for _ in session.receive():
            pass
        await session.close()
        assert await other.list() == [session.id]
        again = await create_session(resume=session.id, session_storage=other)
        assert again.state == session.state
        await again.send("Still there?")
        await again.close()
        found = await storage.load(session.id)
        assert found is not None
        assert found.messages == again.messages
        await storage.delete(session.id)
        assert await other.load(session.id) is None
        assert await other.list() == []
    finally:
        for each in (storage, other):
            if hasattr(each, "close"):
                await each.close()


def test_storage_in_redis() -> None:
    """Custom Storage Examples, Redis Storage."""
    SERVERS.clear()
    run(lambda: check_custom(lambda: RedisSessionStorage("redis://localhost")))


def test_storage_in_sqlite() -> None:
    """Custom Storage Examples, SQLite Storage."""
    run(lambda: check_custom(lambda: SQLiteSessionStorage("./sessions.db")))


class Literal(RedisSessionStorage):
    """`JSON.stringify(state)` and `JSON.parse(data)`, word by word."""

    async def save(self, state: SessionState) -> None:
        await self.client.set(self.prefix + state.id, json.dumps(state))

    async def load(self, id: str) -> Any:
        data = await self.client.get(self.prefix + id)
        return json.loads(data) if data else None


def test_translation_word_by_word_is_told_the_two_calls_it_lacks() -> None:
    """Custom Storage Examples: `JSON.stringify(state)`, `JSON.parse(data)`."""

    async def check() -> None:
        SERVERS.clear()
        with pytest.raises(TypeError) as caught:
            await create_session(session_storage=Literal("redis://localhost"))
        assert "json.dumps(state.to_dict())" in "".join(caught.value.__notes__)
        session = await create_session(session_storage=RedisSessionStorage("redis://localhost"))
        with pytest.raises(TypeError, match=r"SessionState\.from_dict\(json\.loads\(text\)\)"):
            await resume_session(session.id, session_storage=Literal("redis://localhost"))

    run(check)


# -- Best Practices -----------------------------------------------------------------------------------


def test_shared_storage_is_one_object_for_all() -> None:
    """Best Practices, 1. Use Shared Storage Instance."""

    async def check() -> None:
        session_storage = FileSessionStorage("./data/sessions")
        session = await create_session(session_storage=session_storage)
        again = await resume_session(session.id, session_storage=session_storage)
        await session.send("Hello")
        assert said(again.messages) == [("user", "Hello")]
        found = await FileSessionStorage("./data/sessions").load(session.id)
        assert found == again.state

    run(check)


@rows("session_id", ["previous-session-id", "sess_abc123"])
def test_missing_session_is_told_by_its_message(session_id: str) -> None:
    """Best Practices, 2. Handle Missing Sessions."""

    async def check() -> None:
        session_storage = FileSessionStorage("./sessions")
        try:
            session = await create_session(session_storage=session_storage, resume=session_id)
        except SessionNotFoundError as error:
            if f"Session not found: {session_id}" not in str(error):
                raise
            session = await create_session(session_storage=session_storage)
        assert session.id != session_id
        assert session.messages == []
        assert await session_storage.load(session_id) is None
        await session_storage.delete(session.id)

    run(check)


async def aged(storage: Any) -> None:
    """Sessions that were last updated now, 29 and 31 days ago."""
    now = time.time_ns() // 1_000_000
    for days in (0, 29, 31):
        await storage.save(SessionState.new(f"sess_{days}", at=now - days * DAY))


async def cleanup_old_sessions(storage: SessionStorage, max_age_days: float) -> None:
    session_ids = await storage.list()
    max_age = max_age_days * 24 * 60 * 60 * 1000
    for id in session_ids:
        state = await storage.load(id)
        if state and time.time_ns() // 1_000_000 - state.updated_at > max_age:
            await storage.delete(id)


def test_loop_of_the_seed_cleans_up() -> None:
    """Best Practices, 3. Clean Up Old Sessions."""

    async def check() -> None:
        storage = FileSessionStorage("./sessions")
        await aged(storage)
        await cleanup_old_sessions(storage, 30)
        assert sorted(await FileSessionStorage("./sessions").list()) == ["sess_0", "sess_29"]

    run(check)


def test_clean_up_is_one_call_in_days() -> None:
    """Best Practices, 3. Clean Up Old Sessions: `cleanupOldSessions(storage, maxAgeDays)`."""

    async def check() -> None:
        storage = FileSessionStorage("./sessions")
        await aged(storage)
        assert await cleanup_sessions(storage, max_age_days=30) == 1
        assert sorted(await FileSessionStorage("./sessions").list()) == ["sess_0", "sess_29"]

    run(check)


# -- API Reference ------------------------------------------------------------------------------------


def test_options_are_session_storage_resume_and_fork() -> None:
    """API Reference, createSession Options."""

    async def check() -> None:
        session_id = await previous()
        storage = FileSessionStorage("./sessions")
        resumed = await create_session(session_storage=storage, resume=session_id)
        assert resumed.id == session_id
        branch = await create_session(session_storage=storage, fork=session_id)
        await branch.send("Only here")
        assert branch.id != session_id
        other = FileSessionStorage("./sessions")
        original, copy = await other.load(session_id), await other.load(branch.id)
        assert original is not None
        assert copy is not None
        assert len(original.messages) == 2
        assert copy.messages[:2] == original.messages
        assert copy.parent_id == session_id

    run(check)


def test_storage_is_made_by_its_type() -> None:
    """API Reference, Functions: `createSessionStorage(type, options)`."""

    async def check() -> None:
        assert isinstance(create_session_storage("memory"), MemorySessionStorage)
        storage = create_session_storage("file", directory="./sessions")
        session = await create_session(session_storage=storage)
        assert await FileSessionStorage("./sessions").list() == [session.id]

    run(check)


def test_functions_resume_and_fork() -> None:
    """API Reference, Functions: `resumeSession(sessionId, options)`, `forkSession(sessionId, options)`."""

    async def check() -> None:
        session_id = await previous()
        set_default_storage(FileSessionStorage("./sessions"))
        resumed = await resume_session(session_id, provider=claude, model="other")
        await resumed.send("And now?")
        async for _ in resumed.receive():
            pass
        forked = await fork_session(session_id, session_storage=FileSessionStorage("./sessions"))
        assert forked.state.parent_id == session_id
        found: list[Message] = forked.messages
        assert found == resumed.messages
        assert len(found) == 4

    run(check)


@rows(
    ("options", "said"),
    [
        ({"sessionStorage": MemorySessionStorage()}, "write session_storage="),
        ({"maxTurns": 3}, "write max_rounds="),
        ({"systemPrompt": "Be brief"}, "config={'system': ...}"),
    ],
)
def test_spelling_of_the_seed_is_told_ours(options: Any, said: str) -> None:
    """API Reference, createSession Options: `sessionStorage`, which would be kept in memory if ignored."""

    async def check() -> None:
        storage = MemorySessionStorage()
        set_default_storage(storage)
        with pytest.raises(TypeError, match=said.replace("{", r"\{")):
            await create_session(**options)
        assert storage.size() == 0

    run(check)


def test_options_in_an_object_are_told_the_form() -> None:
    """API Reference: `createSession({...})`, `createSessionStorage(type, {...})`."""
    create: Any = create_session
    with pytest.raises(TypeError, match=r"create_session\(model=\.\.\., session_storage=\.\.\.\)$"):
        run(lambda: create({"model": "m", "sessionStorage": MemorySessionStorage()}))
    make: Any = create_session_storage
    with pytest.raises(TypeError, match=r"create_session_storage\(type, directory=\.\.\.\)$"):
        make("file", {"directory": "./sessions"})
