"""What a type checker makes of conversations. It is read by mypy and never run.

A line with ``type: ignore`` has to be an error: one that is none any more is reported as unused.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any, assert_type

from anchor_session.conversations import (
    Branch,
    Conversation,
    Event,
    FileSessionStorage,
    MemorySessionStorage,
    Provider,
    SessionState,
    SessionStorage,
    StoreSessionStorage,
    TextEvent,
    Tool,
    cleanup_sessions,
    create_session,
    create_session_storage,
    fork_session,
    lineage,
    lineages,
    openai_provider,
    resume_session,
    set_default_storage,
)
from anchor_session.records import MemoryStore, SQLiteStore


async def provider(state: SessionState, tools: Mapping[str, Tool]) -> AsyncIterator[Event]:
    yield TextEvent(str(len(state.messages)))


async def no_provider(state: SessionState) -> None: ...


class Mine:
    async def save(self, state: SessionState) -> None: ...
    async def load(self, id: str) -> SessionState | None:
        return None

    async def delete(self, id: str) -> None: ...
    async def list(self) -> list[str]:
        return []


class Plain(Mine):
    def load(self, id: str) -> None:  # type: ignore[override]
        return None


def add(a: int, b: int) -> int:
    return a + b


storages: list[SessionStorage] = [
    MemorySessionStorage(),
    FileSessionStorage("sessions"),
    StoreSessionStorage(MemoryStore()),
    StoreSessionStorage(SQLiteStore("records")),
    create_session_storage("file", directory="sessions"),
    Mine(),
]
given: Provider = openai_provider("http://localhost/v1", "m", api_key=None)
set_default_storage(Mine())
set_default_storage(5)  # type: ignore[arg-type]
set_default_storage(Plain())  # type: ignore[arg-type]
StoreSessionStorage({})  # type: ignore[arg-type]
TextEvent(5)  # type: ignore[arg-type]


async def use() -> None:
    conversation = await create_session(provider=provider, tools=[add], config={"temperature": 0.5})
    assert_type(conversation, Conversation)
    await create_session(provider=given, tools={"add": add}, session_storage=Mine())
    await create_session(provider=no_provider)  # type: ignore[arg-type]
    await create_session(temperature=0.5)  # type: ignore[call-arg]
    await create_session({"model": "m"})  # type: ignore[call-arg, arg-type]
    await resume_session("x", sessionStorage=Mine())  # type: ignore[call-arg]
    await fork_session("x", config={"temperature": 0.5}, model=5)  # type: ignore[arg-type]
    assert_type(await resume_session("x", session_storage=Mine()), Conversation)
    assert_type(await fork_session("x", at="msg"), Conversation)
    await conversation.send("text")
    await conversation.send({"role": "user", "content": "text"})
    await conversation.send(5)  # type: ignore[arg-type]
    async for event in conversation.receive():
        if event.type == "text":
            assert_type(event, TextEvent)
            assert_type(event.text, str)
    async with conversation as same:
        assert_type(same, Conversation)
    assert_type(conversation.messages, list[dict[str, Any]])
    assert_type(await lineage(storages[0], "x"), Branch)
    assert_type(await lineages(storages[0]), list[Branch])
    assert_type(await cleanup_sessions(storages[0], 60), int)
    assert_type(await cleanup_sessions(storages[0], timedelta(days=30)), int)
    assert_type(await cleanup_sessions(storages[0], max_age_days=30), int)
    await cleanup_sessions(storages[0], max_age_days=timedelta(30))  # type: ignore[arg-type]
