"""What a store has to have, for those who write one from scratch: three calls, and the five of `Store`.

`anchor_session.testing.store_contract` is the suite that says whether the five do what they should.
"""

from datetime import timedelta
from typing import Any, Protocol

Ids = list[str]  # a class with a method `list` cannot say it


class SmallStore(Protocol):
    """Any object with these coroutines: all that a manager needs."""

    async def load(self, id: str, /) -> "dict[str, Any] | None": ...

    async def save(
        self, id: str, data: "dict[str, Any]", /, ttl: "float | timedelta | None" = None
    ) -> None: ...

    async def delete(self, id: str, /) -> None: ...


class StoreLike(SmallStore, Protocol):
    """One that tells its ids too, and is closed; it need not derive from `Store`."""

    async def list(self) -> Ids: ...

    async def close(self) -> None: ...
