"""Sessions by id: found, made, saved when they were changed."""

import secrets
from collections.abc import Callable
from datetime import timedelta

from ..errors import RecordCorruptError, SessionIdError
from .ids import check_id, is_id
from .services import STORE_METHODS, missing_methods
from .session import Session, content_of
from .store_like import StoreLike
from .ttl import seconds_of

TRIES = 128


class SessionManager:
    """Sessions in a store: any object with the five calls of `Store`; without one `TypeError` is raised.

    Each lives `ttl` (seconds or a `timedelta`) from its last save; None, zero and less are for ever.
    """

    def __init__(
        self,
        store: StoreLike,
        ttl: "float | timedelta | None" = 0,
        *,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        missing = missing_methods(store, STORE_METHODS)
        if missing:
            raise TypeError(
                f"a manager needs a store, such as MemoryStore(), not {type(store).__name__}, "
                f"which has no {', '.join(missing)}"
            )
        self.store = store
        self._ttl = seconds_of(ttl)
        self._random_bytes = random_bytes

    async def session(self, id: "str | None") -> "Session | None":
        """The session stored under the id, or None. The id may be any text: it comes from a cookie."""
        if id is None or not is_id(id):
            return None
        data = await self.store.load(id)
        return None if data is None else Session(id, data)

    async def new_session(self) -> Session:
        """A session under a free id of 32 hex digits; it is stored once it is changed and saved."""
        for _ in range(TRIES):
            id = self._random_bytes(16).hex()
            try:
                if await self.store.load(id) is None:
                    return Session(id)
            except RecordCorruptError:
                continue  # taken, if by something unreadable
        raise SessionIdError(f"no free id in {TRIES} tries: the source of random bytes is broken")

    async def save_session(self, session: Session) -> None:
        """Store the session if it was modified, or delete its record if it was cleared.

        A save starts its life anew; where nothing was modified nothing happens, and its life goes on.
        """
        if not isinstance(session, Session):
            raise TypeError(f"save_session takes a Session, not {type(session).__name__}")
        if session.is_cleared:
            await self.store.delete(session.id)
        elif session.is_modified:
            await self.store.save(session.id, content_of(session), self._ttl)

    async def delete_session(self, id: str) -> None:
        """Delete the record, if there is one; a malformed id raises `SessionIdError`."""
        await self.store.delete(check_id(id))

    async def close(self) -> None:
        """Close the store."""
        await self.store.close()
