"""What a type checker makes of conversations. It is read by mypy and never run.

A line with ``type: ignore`` has to be an error: one that is none any more is reported as unused.
"""

from collections.abc import AsyncIterator, Mapping
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
StoreSessionStorage({})  # type: ignore[arg-type]
TextEvent(5)  # type: ignore[arg-type]


async def use() -> None:
    conversation = await create_session(provider=provider, tools=[add], temperature=0.5)
    assert_type(conversation, Conversation)
    await create_session(provider=given, tools={"add": add}, session_storage=Mine())
    await create_session(provider=no_provider)  # type: ignore[arg-type]
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
