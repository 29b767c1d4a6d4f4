"""Storages that anybody may have written: what one is, takes and gives is checked."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from inspect import iscoroutine, iscoroutinefunction, isfunction, signature, unwrap
from typing import Any

from ...errors import RecordCorruptError, SessionIdError, SessionNotFoundError, with_article
from ..state import SessionState

_METHODS = ("save", "load", "delete", "list")
_MORE = ("append", "sweep")


def check_storage(storage: Any) -> Any:
    """The storage itself; raises `TypeError` with what it lacks, or is instead."""
    lacking = [name for name in _METHODS if not callable(getattr(storage, name, None))]
    what = "None" if storage is None else with_article(type(storage).__name__)
    if isinstance(storage, type):
        what, remedy = f"the class {storage.__name__}", "make an instance of it"
    elif not lacking:
        _check_methods(storage)
        return storage
    elif iscoroutine(storage):
        remedy = "await it"
    elif isinstance(storage, str) and "://" in storage:
        what, remedy = "a URL", "create_session_storage('redis', url=...) keeps them in Redis"
    elif isinstance(storage, str | os.PathLike):
        what = repr(storage)
        remedy = f"FileSessionStorage({what}) keeps them in that directory"
    else:
        remedy = (
            f"it lacks {', '.join(lacking)}, which have to be coroutines; "
            "FileSessionStorage(directory) and MemorySessionStorage() have them"
        )
    raise TypeError(f"{what} is no storage of conversations; {remedy}")


def _check_methods(storage: Any) -> None:
    """Refuse, before any is called, what is known to give nothing to await, or to take something else."""
    kind = type(storage).__name__
    for name in (*_METHODS, *_MORE):
        method = unwrap(getattr(storage, name, None), stop=iscoroutinefunction)  # type: ignore[arg-type]
        function = getattr(method, "__func__", method)
        if isfunction(function) and not iscoroutinefunction(function):
            raise TypeError(
                f"{kind}.{name}() is no coroutine; write `async def {name}(...)`, "
                "and `return` what it gives"
            )
    try:
        signature(storage.save).bind("state")
    except TypeError as error:
        raise TypeError(
            f"{kind}.save() has to take a SessionState alone: {error}; "
            "where it is a store of records, StoreSessionStorage(store) keeps conversations in it"
        ) from None
    except ValueError:
        pass  # written in C, say: nobody knows


@contextmanager
def _hinted() -> Iterator[None]:
    """What json, a driver or an attribute has against a `SessionState` is noted with what to write."""
    try:
        yield
    except Exception as error:
        if "SessionState" in str(error):
            error.add_note(
                "json.dumps(state.to_dict()) is the text to store, and "
                "SessionState.from_dict(json.loads(text)) what load() has to give; "
                "a field of a state is an attribute, state.id"
            )
        raise


async def save(storage: Any, state: SessionState) -> None:
    """Have the storage keep the state."""
    with _hinted():
        await storage.save(state)


async def ids_in(storage: Any) -> list[str]:
    """All ids; raises `TypeError` where the storage lists something else."""
    found = await storage.list()
    ids = list(found) if isinstance(found, Iterable) else [found]
    for id in ids:
        if not isinstance(id, str):
            raise TypeError(f"{type(storage).__name__}.list() gave {id!r}; an id is text, a `str`")
    return ids


async def find(storage: Any, id: str) -> SessionState | None:
    """What is stored; raises `RecordCorruptError` where that is not the conversation with this id."""
    try:
        with _hinted():
            state = await storage.load(id)
    except SessionIdError:
        raise
    except ValueError as error:  # how `from_dict` and `json.loads` refuse, in a storage of a user
        raise RecordCorruptError(
            f"the conversation {id} cannot be read: {error}", key=id
        ) from error
    if state is None:
        return None
    if not isinstance(state, SessionState):
        raise TypeError(
            f"{type(storage).__name__}.load() gave {type(state).__name__}; "
            "it has to give SessionState.from_dict(json.loads(text)), or None"
        )
    if state.id != id:
        raise RecordCorruptError(f"under {id} lies the conversation {state.id}", key=id)
    return state


async def load(storage: Any, id: str) -> SessionState:
    """The same; raises `SessionNotFoundError` where there is none."""
    state = await find(storage, id)
    if state is None:
        raise SessionNotFoundError(f"Session not found: {id}", id=id)
    return state
