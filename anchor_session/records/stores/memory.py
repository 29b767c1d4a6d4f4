"""Records in the memory of this process: for tests, development and one process that may forget."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from ...codec import decode_own
from ..store import Ids, Store
from ..ttl import span_of


class MemoryStore(Store):
    """Nothing outlives the object. There is no task and no thread.

    An expired record is dropped when it is asked for; the others are swept by whatever call comes first
    once `cleanup_interval` (seconds or a `timedelta`) has passed since the last sweep. Zero and less raise
    `ValueError`, what is no time `TypeError`.
    """

    def __init__(
        self,
        cleanup_interval: "float | timedelta" = 60.0,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        interval = span_of(cleanup_interval, "cleanup_interval")
        if not interval > 0:
            raise ValueError(
                f"cleanup_interval is seconds above zero, or a timedelta, not {cleanup_interval!r}"
            )
        super().__init__(clock=clock)
        self._records: dict[str, tuple[str, float | None]] = {}  # text and time of expiry
        self._interval = interval
        self._swept = clock()

    async def _read(self, id: str) -> "str | None":
        now = self._sweep()
        text, expires_at = self._records.get(id, (None, None))
        if expires_at is not None and expires_at <= now:
            self._records.pop(id, None)
            return None
        return text

    async def _write(self, id: str, text: str, ttl: "float | None") -> None:
        now = self._sweep()
        self._records[id] = text, None if ttl is None else now + ttl

    async def _remove(self, id: str) -> None:
        self._sweep()
        self._records.pop(id, None)

    async def _ids(self) -> Ids:
        self._drop_expired(self._clock())
        return list(self._records)

    async def _close(self) -> None:
        self._records.clear()

    def _decode(self, text: str) -> "dict[str, Any]":
        record: dict[str, Any] = decode_own(text)  # nobody else could write it
        return record

    def _sweep(self) -> float:
        """The time now, after a sweep if one is due."""
        now = self._clock()
        if not 0 <= now - self._swept < self._interval:  # a clock may have been put back
            self._drop_expired(now)
        return now

    def _drop_expired(self, now: float) -> None:
        self._swept = now
        over = [
            id for id, (_, end) in list(self._records.items()) if end is not None and end <= now
        ]
        for id in over:
            self._records.pop(id, None)


InMemoryStorage = MemoryStore
"""The seed's name."""
