"""The conversations that are open in this process: one object for an id of a storage.

A conversation that nobody holds any more is not kept alive for it. Storages count by identity: two of them on
one directory are as two processes.
"""

import asyncio
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from .conversation import Conversation

# A conversation holds its storage, so that the number is not another one's while the entry lives.
_open: "WeakValueDictionary[tuple[int, str], Conversation]" = WeakValueDictionary()
_turns: "WeakValueDictionary[tuple[int, str], asyncio.Lock]" = WeakValueDictionary()


def find(storage: Any, id: str) -> "Conversation | None":
    """The open conversation, or None; one that is being closed is still found."""
    return _open.get((id_of(storage), id))


def keep(storage: Any, conversation: "Conversation") -> None:
    _open[id_of(storage), conversation.id] = conversation


def forget(storage: Any, conversation: "Conversation") -> None:
    if find(storage, conversation.id) is conversation:
        del _open[id_of(storage), conversation.id]


def turn(storage: Any, id: str) -> asyncio.Lock:
    """Held by whoever is opening the conversation, so that two do not open it twice."""
    return _turns.setdefault((id_of(storage), id), asyncio.Lock())


def id_of(storage: Any) -> int:
    return id(storage)


def forget_all() -> None:
    """As if the process had ended: for tests."""
    _open.clear()
    _turns.clear()
