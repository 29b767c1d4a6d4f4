"""What tests of conversations share: a loop, scripted providers, storages that look on or break."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from anchor_session.conversations import (
    Conversation,
    Event,
    MemorySessionStorage,
    Message,
    SessionState,
    StopEvent,
    TextEvent,
    registry,
    resume_session,
)

Ids = list[str]


def run(check: "Callable[[], Awaitable[Any]]", *storages: Any) -> Any:
    """Run it in a loop of its own; the storages are closed in it."""

    async def checked() -> Any:
        try:
            return await check()
        finally:
            for storage in storages:
                if hasattr(storage, "close"):
                    await storage.close()

    return asyncio.run(checked())


def saying(*events: "Event | str | Exception") -> Any:
    """A provider that says the same each time: text, events, and errors, which it raises."""

    async def provider(state: SessionState, tools: Mapping[str, Any]) -> AsyncIterator[Event]:
        for event in events:
            if isinstance(event, Exception):
                raise event
            yield TextEvent(event) if isinstance(event, str) else event

    return provider


def in_rounds(*rounds: "list[Event]") -> Any:
    """A provider that yields one list a call, and notes the states it was given in `.states`."""
    states: list[SessionState] = []

    async def provider(state: SessionState, tools: Mapping[str, Any]) -> AsyncIterator[Event]:
        states.append(state)
        for event in rounds[len(states) - 1]:
            yield event

    provider.states = states  # type: ignore[attr-defined]
    return provider


async def heard(conversation: Conversation) -> "list[Event]":
    """Every event of an answer."""
    return [event async for event in conversation.receive()]


async def ask(conversation: Conversation, text: str) -> "list[Event]":
    await conversation.send(text)
    return await heard(conversation)


async def reopened(storage: Any, id: str) -> Conversation:
    """What another process finds."""
    registry.forget_all()
    return await resume_session(id, session_storage=storage)


def said(messages: "list[Message]") -> "list[tuple[str, Any]]":
    """Who said what."""
    return [(message["role"], message["content"]) for message in messages]


STOP = StopEvent("stop")


class WrittenByAUser:
    """A storage as a user writes it: four methods, JSON text in a dict."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    async def save(self, state: SessionState) -> None:
        self.texts[state.id] = json.dumps(state.to_dict())

    async def load(self, id: str) -> SessionState | None:
        text = self.texts.get(id)
        return None if text is None else SessionState.from_dict(json.loads(text))

    async def delete(self, id: str) -> None:
        self.texts.pop(id, None)

    async def list(self) -> Ids:
        return list(self.texts)


class Failing(MemorySessionStorage):
    """Raises `error` from every write as long as that is set, and notes the writes."""

    def __init__(self) -> None:
        super().__init__()
        self.error: BaseException | None = None
        self.writes: list[str] = []
        self.turns = 1  # of the loop, that a write takes

    async def save(self, state: SessionState) -> None:
        await self._note("save")
        await super().save(state)

    async def append(self, state: SessionState, messages: Any) -> None:
        await self._note("append")
        await super().append(state, messages)

    async def _note(self, what: str) -> None:
        self.writes.append(what)
        for _ in range(self.turns):
            await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
