"""Where the page keeps what: conversations for all tabs, and which of them is open for this one."""

from typing import Any

from pyscript import window

from anchor_session import Signal, StorageUnavailableError, restored, session
from anchor_session.conversations import MemorySessionStorage, create_session_storage

from ..notices import say

PREFIX = "anchor-records://"

tab = session("chat", {"open": "", "draft": "", "loads": 0})
tab.loads += 1
is_back = restored(tab).outcome == "restored"

storage: Any = create_session_storage("web")


def now() -> int:
    return int(window.Date.now())


is_kept = Signal(False)
"""Whether the browser keeps data for this page."""


async def find_storage() -> None:
    """Keep conversations in memory where the browser keeps nothing."""
    global storage
    try:
        await storage.list()
    except StorageUnavailableError:
        say("This browser keeps no data for this page: a reload will lose the conversations.")
        storage = MemorySessionStorage()
    else:
        is_kept.set(True)
