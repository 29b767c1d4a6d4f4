"""What happens when the storage refuses: the page keeps it in memory, and says so until it is stored."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any

from anchor_session import Signal, StorageError

from ..notices import say

saved = Signal(0)
"""Goes up with whatever may have changed in the storage."""

is_unsaved = Signal(False)

_turn = asyncio.Lock()


def changed() -> None:
    saved.set(lambda count: count + 1)


@asynccontextmanager
async def told() -> AsyncIterator[None]:
    """What goes wrong with the storage inside is said, and goes no further."""
    try:
        yield
    except StorageError as error:
        is_unsaved.set(True)
        say(f"Not saved: {error}. It is kept as long as this page stays open.")
    else:
        if is_unsaved.peek():
            is_unsaved.set(False)
            say("")
    finally:
        changed()


def in_turn(do: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Coroutine[Any, Any, Any]]:
    """Let one such function run at a time: a second click waits for the first."""

    @wraps(do)
    async def wrapper(*given: Any) -> Any:
        async with _turn:
            return await do(*given)

    return wrapper
