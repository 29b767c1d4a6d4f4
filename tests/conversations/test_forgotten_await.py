"""Calls without `await`, and loops without `async`: Python's warning or the error names the call."""

import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from anchor_session.conversations import (
    FileSessionStorage,
    MemorySessionStorage,
    StoreSessionStorage,
    cleanup_sessions,
    create_session,
    fork_session,
    lineage,
    lineages,
    resume_session,
)
from anchor_session.records import MemoryStore
from tests.conversations.support import run, saying
from tests.support import rows

STORAGES: "list[Any]" = [
    MemorySessionStorage(),
    FileSessionStorage("nowhere"),
    StoreSessionStorage(MemoryStore()),
]
CALLS: "dict[str, Callable[[], object]]" = {
    "create_session": lambda: create_session(),
    "resume_session": lambda: resume_session("x"),
    "fork_session": lambda: fork_session("x"),
    "cleanup_sessions": lambda: cleanup_sessions(STORAGES[0], max_age_days=30),
    "lineage": lambda: lineage(STORAGES[0], "x"),
    "lineages": lambda: lineages(STORAGES[0]),
}


def unawaited(call: "Callable[[], object]") -> "list[str]":
    """What Python warns of."""
    gc.collect()
    with pytest.warns(RuntimeWarning) as caught:
        call()
        gc.collect()
    return [str(each.message) for each in caught]


@rows(("name", "call"), [(name, (call,)) for name, call in CALLS.items()])
def test_function_is_named(name: str, call: Any) -> None:
    assert unawaited(call[0]) == [f"coroutine '{name}' was never awaited"]


@rows("storage", STORAGES)
@rows("name", ["load", "delete", "list"])
def test_method_of_a_storage_is_named(storage: Any, name: str) -> None:
    arguments = [] if name == "list" else ["x"]
    said = unawaited(lambda: getattr(storage, name)(*arguments))
    assert said == [f"coroutine '{type(storage).__name__}.{name}' was never awaited"]


@rows("name", ["send", "save", "close"])
def test_method_of_a_conversation_is_named(name: str) -> None:
    async def check() -> None:
        session = await create_session()
        arguments = ["Hello"] if name == "send" else []
        said = unawaited(lambda: getattr(session, name)(*arguments))
        assert said == [f"coroutine 'Conversation.{name}' was never awaited"]

    run(check)


def test_answer_to_what_was_never_sent_says_await() -> None:
    async def check() -> None:
        session = await create_session(provider=saying("A"))
        unawaited(lambda: session.send("Hello"))
        with pytest.raises(RuntimeError, match=r"nothing to answer .*await send\("):
            session.receive()

    run(check)


@rows("read", [list, lambda answer: [*answer], lambda answer: next(iter(answer))])
def test_loop_over_an_answer_says_async_for(read: Any) -> None:
    async def check() -> None:
        session = await create_session(provider=saying("A"))
        await session.send("Q")
        with pytest.raises(TypeError, match="write `async for event in"):
            read(session.receive())
        assert [event.type async for event in session.receive()] == ["text", "stop"]

    run(check)


def test_attribute_of_what_was_not_awaited_names_the_call(tmp_path: Path) -> None:
    def careless() -> None:
        with pytest.raises(AttributeError, match="'coroutine' object has no attribute 'messages'"):
            FileSessionStorage(tmp_path).load("x").messages  # type: ignore[attr-defined]  # noqa: B018

    assert unawaited(careless) == ["coroutine 'FileSessionStorage.load' was never awaited"]
