"""Sessions by id: found, made, saved when they were changed."""

import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from ..errors import RecordCorruptError, SessionIdError
from .ids import check_id, is_id
from .methods import STORE_METHODS, call, kind_of, missing_methods
from .session import Session, content_of, copied
from .session_like import SessionLike, check_session
from .store import Store
from .ttl import ask_about, seconds_of

if TYPE_CHECKING:
    from .store_like import SmallStore, StoreLike

TRIES = 128


class SessionManager:
    """Sessions in a store: any object with the coroutines `load`, `save` and `delete`.

    Each lives `ttl` (seconds or a `timedelta`) from its last save; None and zero are for ever, a negative one
    raises `ValueError`. What is no store raises `TypeError`.
    """

    def __init__(
        self,
        store: "SmallStore",
        ttl: "float | timedelta | None" = 0,
        *,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        missing = missing_methods(store, STORE_METHODS)
        if missing:
            raise TypeError(
                f"a manager needs a store, such as MemoryStore(), not {kind_of(store)}, "
                f"which has no {', '.join(missing)}"
            )
        self.store = cast("StoreLike", store)
        self._copies = isinstance(store, Store)
        self._ttl = seconds_of(ttl)
        ask_about(ttl)
        self._random_bytes = random_bytes

    async def session(self, id: "str | None") -> "Session | None":
        """The session stored under the id, or None. The id may be any text: it comes from a cookie."""
        if id is None or not is_id(id):
            return None
        data = await self._load(id)
        return None if data is None else Session(id, data)

    async def new_session(self) -> Session:
        """A session under a free id of 32 hex digits; it is stored once it is changed and saved."""
        for _ in range(TRIES):
            id = self._random_bytes(16).hex()
            try:
                if await self._load(id) is None:
                    return Session(id)
            except RecordCorruptError:
                continue  # taken, if by something unreadable
        raise SessionIdError(f"no free id in {TRIES} tries: the source of random bytes is broken")

    async def save_session(self, session: SessionLike) -> None:
        """Store the session if it was modified, or delete its record if it was cleared.

        A save starts its life anew; where nothing was modified nothing happens, and its life goes on. One of
        your own needs `id`, `is_modified`, `is_cleared` and `all()`; what lacks them raises `TypeError`.
        """
        check_session(session)
        id = check_id(session.id)
        if session.is_cleared:
            await call(self.store, "delete", id)
        elif session.is_modified:
            is_ours = self._copies and isinstance(session, Session)
            data = content_of(cast("Session", session)) if is_ours else session.all()
            await call(self.store, "save", id, data, self._ttl)

    async def delete_session(self, id: str) -> None:
        """Delete the record, if there is one; a malformed id raises `SessionIdError`."""
        await call(self.store, "delete", check_id(id))

    async def close(self) -> None:
        """Close the store, if it can be."""
        if callable(getattr(self.store, "close", None)):
            await call(self.store, "close")

    async def _load(self, id: str) -> "dict[str, Any] | None":
        """A copy of the record. A store of a user's own may give what it keeps."""
        data = await call(self.store, "load", id)
        if data is not None and not isinstance(data, Mapping):
            raise TypeError(
                f"{kind_of(self.store)}.load gave {type(data).__name__}; it has to give a dict, or None"
            )
        return cast("dict[str, Any] | None", data if self._copies else copied(data))
