"""Calls without `await`, and loops without `async`: Python's warning or the error names the call."""

import gc
from collections.abc import Callable
from typing import Any

import pytest

from anchor_session.conversations import (
    MemorySessionStorage,
    cleanup_sessions,
    create_session,
)
from tests.conversations.support import run, saying
from tests.support import rows

KEPT = MemorySessionStorage()


def unawaited(call: "Callable[[], object]") -> "list[str]":
    """What Python warns of."""
    gc.collect()
    with pytest.warns(RuntimeWarning) as caught:
        call()
        gc.collect()
    return [str(each.message) for each in caught]


@pytest.mark.parametrize("call", [create_session, lambda: cleanup_sessions(KEPT, max_age_days=30)])
def test_decorated_function_is_named(call: "Callable[[], object]") -> None:
    assert unawaited(call)[0].startswith(
        ("coroutine 'create_session'", "coroutine 'cleanup_sessions'")
    )


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
