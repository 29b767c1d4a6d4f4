"""What other tabs do to the conversations: the list follows, and so does the one that is open here."""

import asyncio
from typing import Any

from pyscript import when, window

from anchor_session import Signal

from ..dom import begin
from .keeping import changed, in_turn, is_unsaved
from .state import PREFIX
from .talk import current, is_answering, reopen

QUIET = 3.0
"""Seconds without news after which another tab is no longer thought to be answering."""

is_busy = Signal(False)
"""Whether another tab is answering in the conversation that is open here."""

_news = 0


@when("storage", window)
async def follow(event: Any) -> None:
    key = event.key
    if not isinstance(key, str):  # all was removed
        await reread("")
    elif key.startswith(PREFIX):
        await reread(key.removeprefix(PREFIX))


@in_turn
async def reread(id: str) -> None:
    """Show what is stored now, if the conversation of that id is the open one; empty: whichever is."""
    here = current()
    is_open = here is not None and id in ("", here.id)
    if is_open and not is_answering() and not is_unsaved.peek():
        await reopen(here.id if here is not None else "")
        there = current()
        is_busy.set(bool(id) and there is not None and there.pending)
        begin(calm())
    changed()


async def calm() -> None:
    global _news
    _news += 1
    seen = _news
    await asyncio.sleep(QUIET)
    if seen == _news:
        is_busy.set(False)
