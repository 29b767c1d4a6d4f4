"""A host without a browser: its storage areas live as long as the interpreter."""

from os import urandom
from sys import modules
from time import time_ns

from ..errors import QuotaExceededError, StorageUnavailableError
from .append_log import AppendLog
from .area import units

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .area import Area


class MemoryArea:
    """The interface of the browser's `Storage`, in memory.

    `quota` limits keys and values together, in UTF-16 code units; beyond it `setItem` raises
    `QuotaExceededError` and changes nothing. While `is_blocked` is true every call raises
    `StorageUnavailableError`.
    """

    def __init__(self, quota: "int | None" = None) -> None:
        self.quota = quota
        self.is_blocked = False
        self._items: dict[str, str] = {}

    def getItem(self, key: str) -> "str | None":
        if self.is_blocked:
            self._check(key)
        return self._items.get(key)

    def setItem(self, key: str, value: str) -> None:
        if self.is_blocked:
            self._check(key)
        if self.quota is not None:
            others = sum(units(k) + units(v) for k, v in self._items.items() if k != key)
            needed = units(key) + units(value)
            if others + needed > self.quota:
                raise QuotaExceededError(f"{key!r} does not fit into {self.quota} units", key=key)
        self._items[key] = value

    def removeItem(self, key: str) -> None:
        self._check(key)
        self._items.pop(key, None)

    def clear(self) -> None:
        self._check("")
        self._items.clear()

    def key(self, index: int) -> "str | None":
        self._check("")
        return list(self._items)[index] if 0 <= index < len(self._items) else None

    @property
    def length(self) -> int:
        self._check("")
        return len(self._items)

    def _check(self, key: str) -> None:
        if self.is_blocked:
            raise StorageUnavailableError("this area is blocked", key=key)


class MemoryHost:
    """No browser. `why` says what is missing where one was to be expected."""

    hears_end = True  # there is no page that could go unheard
    is_prerendering = False

    def __init__(self, *, why: str = "") -> None:
        self.why = why
        self.has_warned = not why
        self.copied: bool | None = False
        self._areas: dict[str, MemoryArea] = {}
        self._cookies: dict[str, str] = {}

    def area(self, kind: str) -> "Any":
        raise StorageUnavailableError(self.why or "there is no browser here")

    def memory(self, kind: str) -> MemoryArea:
        return self._areas.setdefault(kind, MemoryArea())

    def is_shared(self, raw: "Any") -> bool:
        return False  # there are no other tabs

    def keys(self, area: "Area", prefix: str) -> "list[str]":
        return area.listed(prefix)

    def bound(self, raw: "Any") -> None:
        return None  # there are no other interpreters

    def checked(self, area: "Area") -> "Area":
        from .compared_area import ComparedArea

        return ComparedArea(area)

    def append_log(self, area: "Area", prefix: str) -> AppendLog:
        return AppendLog(area, prefix)

    def listen(
        self, target: "Any", event: str, handle: "Callable[[Any], object]"
    ) -> "Callable[[], None]":
        return listen(target, event, handle)

    def on_storage(
        self, callback: "Callable[[Any, list[str] | None], None]"
    ) -> "Callable[[], None]":
        return nothing

    def on_page_show(self, callback: "Callable[[], None]") -> "Callable[[], None]":
        return nothing

    def on_page_hide(self, callback: "Callable[[], None]") -> "Callable[[], None]":
        """Call back when the interpreter ends: areas that were given may live longer."""
        import atexit

        atexit.register(callback)
        return lambda: atexit.unregister(callback)

    def on_page_leave(self, callback: "Callable[[], None]") -> "Callable[[], None]":
        return nothing

    def when_idle(self, callback: "Callable[[], None]") -> "Callable[[], None]":
        return nothing

    def avoid_stale_cache(self) -> "Callable[[], None]":
        return nothing

    def now(self) -> int:
        return now()

    def random_id(self) -> str:
        return urandom(3).hex()

    def soon(self, callback: "Callable[[], None]") -> "Callable[[], None]":
        return nothing

    def after(self, seconds: float, callback: "Callable[[], None]") -> "Callable[[], None]":
        """Call back on the event loop that runs now; where none does, nobody calls."""
        asyncio = modules.get("asyncio")
        try:
            loop = asyncio and asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        return nothing if loop is None else loop.call_later(seconds, callback).cancel

    def cookie(self, name: str) -> "str | None":
        return self._cookies.get(name)

    def set_cookie(self, name: str, value: str) -> None:
        self._cookies[name] = value

    def channel(
        self, name: str, callback: "Callable[[str], None]"
    ) -> "tuple[Callable[[str], None], Callable[[], None]]":
        return lambda text: None, nothing

    def hold(self, name: str) -> "Callable[[], None]":
        return nothing

    def held(self, callback: "Callable[[set[str] | None], None]") -> None:
        callback(None)


def now() -> int:
    """Microseconds since 1970."""
    return time_ns() // 1000


def listen(target: "Any", event: str, handle: "Callable[[Any], object]") -> "Callable[[], None]":
    """Listen to an object of Python that has the browser's methods."""
    target.addEventListener(event, handle)
    return lambda: target.removeEventListener(event, handle)


def nothing() -> None:
    """Ends what never began."""
