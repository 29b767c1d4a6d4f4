"""The conversation that is open in this tab: opened and closed, spoken in and answered.

`shown` and `coming` are what the rest of the page follows.
"""

import asyncio
from time import perf_counter
from typing import Any

from pyscript import window

from anchor_session import ProviderError, SessionNotFoundError, Signal, StorageError
from anchor_session.conversations import Conversation, create_session, resume_session

from ..notices import say
from . import state
from .counter import add_up
from .keeping import changed, in_turn, told
from .provider import at_counter
from .state import now, tab

KEEP = 500
"""Milliseconds of an answer that a page that crashes may lose; one that is closed or reloaded loses none."""

NOTHING: dict[str, Any] = {"id": "", "title": "", "messages": [], "usage": {}, "pending": False}

shown: Signal[Any] = Signal(NOTHING)
"""What is open; the id is empty where nothing is yet."""

coming: Signal[Any] = Signal(None)
"""The text of the answer so far; None while none comes."""

open_ms = Signal(0.0)

_open: Conversation | None = None
_answering: "asyncio.Task[None] | None" = None
_pace = float(window.URLSearchParams.new(window.location.search).get("pace") or 0.045)
"""Seconds a word takes; `?pace=1` makes a slow answer."""


def options() -> dict[str, Any]:
    return {"session_storage": state.storage, "provider": at_counter(_pace), "tools": [add_up]}


def current() -> Conversation | None:
    return _open


def is_answering() -> bool:
    return _answering is not None


def show() -> None:
    """Let the page see what there is."""
    if _open is None:
        shown.set(NOTHING)
        return
    shown.set(
        {
            "id": _open.id,
            "title": _open.state.metadata.get("title", ""),
            "messages": _open.messages,
            "usage": _open.usage,
            "pending": _open.pending and _answering is None,
        }
    )


# -- opening and closing ------------------------------------------------------------------------


@in_turn
async def enter(id: str) -> None:
    """Open the conversation with this id; for an empty one leave what is open."""
    await reopen(id)


async def reopen(id: str) -> None:
    if not await let_go():
        return
    found = None
    if id:
        called = perf_counter()
        try:
            found = await resume_session(id, **options())
        except SessionNotFoundError:
            say("This conversation is gone: it was deleted in another tab.")
        except StorageError as error:
            say(f"This conversation cannot be opened: {error}")
        open_ms.set((perf_counter() - called) * 1000)
    take(found)


def take(found: Conversation | None) -> None:
    """Show this one from now on, and after a reload."""
    global _open
    _open = found
    tab.open = "" if found is None else found.id
    show()


async def let_go() -> bool:
    """Close what is open; False if it could not be saved, and so stays open.

    An answer that comes is broken off, and kept as far as it came.
    """
    if _open is None:
        return True
    async with told():
        await _open.close()
    await settled()
    return _open.is_closed


# -- talking ------------------------------------------------------------------------------------


@in_turn
async def send(text: str) -> bool:
    """Say something, and let it be answered; False where there was no room to begin a conversation."""
    if _open is None:
        async with told():
            take(await create_session(**options()))
    if _open is None:
        return False
    async with told():
        await _open.send(text)
    ask()
    return True


def ask() -> None:
    """Let what was said last be answered; an answer that was broken off goes on."""
    global _answering
    if _answering is None and _open is not None and _open.pending:
        _answering = asyncio.ensure_future(_listen(_open))
        _answering.add_done_callback(_end)  # also of one that is cancelled before it has begun
        coming.set("")
        show()


@in_turn
async def stop() -> None:
    """Break the answer off where it is."""
    if _answering is not None:
        _answering.cancel()
        await settled()


async def settled() -> None:
    """Wait until the answer that was coming has ended."""
    if _answering is not None:
        await asyncio.wait([_answering])


async def _listen(conversation: Conversation) -> None:
    try:
        async with told():
            await _hear(conversation)
    except ProviderError:  # which is on the message
        async with told():
            await conversation.save()


def _end(task: "asyncio.Task[None]") -> None:
    global _answering
    _answering = None
    coming.set(None)
    show()
    changed()


async def _hear(conversation: Conversation) -> None:
    kept, count = now(), len(conversation.messages)
    async for event in conversation.receive():
        if event.type == "stop":
            break
        if len(conversation.messages) != count:  # a tool was called, and another round begins
            count = len(conversation.messages)
            coming.set("")
            show()
        if event.type == "text":
            coming.set(f"{coming.peek()}{event.text}")
        if now() - kept > KEEP:
            kept = now()
            async with told():
                await conversation.save()


def keep_now() -> None:
    """Store how far the answer has come, before this returns: the page is about to go."""
    if _open is not None and _answering is not None:
        # Web Storage makes nobody wait: the whole of it runs here.
        loop = asyncio.get_event_loop()
        asyncio.Task(_open.save(), loop=loop, eager_start=True)  # type: ignore[call-arg] # 3.12
