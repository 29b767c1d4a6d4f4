"""Records in Web Storage: of a page, by id, for as long as the browser keeps them.

One record is the text of one key, ``anchor-records://{id}``, which carries the time of its end. This module
is the one that joins the records to the browser.
"""

import time
from collections.abc import Callable
from typing import Any

from ... import host
from ...errors import QuotaExceededError, StorageUnavailableError
from ...host.area import Area
from ...host.memory import MemoryHost
from ..store import Ids, Store
from .expiry import read_head, unwrap, wrap

PREFIX = "anchor-records://"


class WebStore(Store):
    """Records in `localStorage`, which all tabs of the origin share, or in another `area`.

    `area` is ``"local"``, ``"session"`` (this tab's) or any object with `getItem`, `setItem`, `removeItem`,
    `key` and `length`. Expired records are removed at `list`, and when the area is full. Keys that do not
    begin with ``anchor-records://`` are neither read nor removed.

    A full area raises `QuotaExceededError`, and the old record stays. An area that the browser refuses raises
    `StorageUnavailableError` at each call: records that only seem to be stored help nobody, a `MemoryStore`
    says so by its name. On plain CPython, which has no browser, the area is one in memory.
    """

    def __init__(self, area: Any = None, *, clock: Callable[[], float] = time.time) -> None:
        super().__init__(clock=clock)
        if isinstance(area, str) and area not in ("local", "session"):
            raise ValueError(f'an area is "local", "session" or an object, not {area!r}')
        self._given = "local" if area is None else area
        self._area: Area | None = None
        if not isinstance(self._given, str):
            self._area = self._wrapped(self._given)

    def _place(self) -> Area:
        """The area, which is looked for when it is first needed: merely touching it may throw."""
        if self._area is None:
            self._area = self._wrapped(_named(self._given))
        return self._area

    def _wrapped(self, raw: Any) -> Area:
        for name in ("key", "length"):
            if not hasattr(raw, name):
                raise TypeError(
                    "a storage area for records has key and length too, so that they can be listed;"
                    f" {type(raw).__name__} has no {name}"
                )
        return Area(raw, here=host.current())

    async def _read(self, id: str) -> "str | None":
        text = self._place().get(PREFIX + id)
        if text is None:
            return None
        head, data = unwrap(text)
        return None if head.is_over(self._clock()) else data

    async def _write(self, id: str, text: str, ttl: "float | None") -> None:
        area = self._place()
        expires_at = None if ttl is None else self._clock() + ttl
        text = wrap(id, text, expires_at)
        try:
            area.set(PREFIX + id, text)
        except QuotaExceededError:
            if not self._sweep():
                raise
            area.set(PREFIX + id, text)

    async def _remove(self, id: str) -> None:
        self._place().remove(PREFIX + id)

    async def _ids(self) -> Ids:
        self._sweep()
        return [key[len(PREFIX) :] for key in self._place().keys(PREFIX)]

    def _where(self, id: str) -> str:
        return PREFIX + id

    def _sweep(self) -> int:
        """Remove the records that have expired; says how many."""
        area = self._place()
        now = self._clock()
        count = 0
        for key in area.keys(PREFIX):
            head = read_head(area.get(key) or "")
            if head is not None and head.is_over(now):
                area.remove(key)
                count += 1
        return count


def _named(kind: str) -> Any:
    """The browser's area; on plain CPython the host's own. Raises `StorageUnavailableError`."""
    here = host.current()
    try:
        return here.area(kind)
    except StorageUnavailableError:
        if isinstance(here, MemoryHost) and not here.why:
            return here.memory(kind)
        raise
