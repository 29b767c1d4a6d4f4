"""Documents of one browser, without the browser: what one stores, the others are told of.

one, two = tabs(2)
with use_host(one):
    cart = persistent("cart", {"n": 1})
with use_host(two):
    same_cart = persistent("cart")
cart.n = 2
two.deliver()
assert same_cart.n == 2
"""

from collections.abc import Callable
from typing import Any

from ..host.area import Area
from ..host.memory import MemoryArea, listen
from ..host.numbered import Numbered


class Tab:
    """A host: one document. Its `sessionStorage` is its own, its `localStorage` common to all tabs.

    As in a browser, an event reaches the other documents of an area, later (at `deliver`), and only for
    what differs.
    """

    def __init__(self, session_peers: "list[Tab]", local_peers: "list[Tab]") -> None:
        self.has_warned = True
        self.copied: bool | None = None
        self._pending: list[tuple[object, str | None]] = []
        self._on_storage: list[Callable[[object, list[str] | None], None]] = []
        self._on_page_show: list[Callable[[], None]] = []
        self._on_page_hide: list[Callable[[], None]] = []
        self._when_idle: list[Callable[[], None]] = []
        self._memory: dict[str, MemoryArea] = {}
        self._areas = {
            "session": _SharedArea(self, "session", session_peers),
            "local": _SharedArea(self, "local", local_peers),
        }

    def frame(self) -> "Tab":
        """Another document of the same tab: an iframe of the same origin."""
        peers = {kind: area.peers for kind, area in self._areas.items()}
        return Tab(peers["session"], peers["local"])

    def deliver(self) -> None:
        """Let the events arrive that other documents caused since the last time."""
        while self._pending:
            area, key = self._pending.pop(0)
            for callback in self._on_storage.copy():
                callback(area, None if key is None else [key])

    def show(self) -> None:
        """Come back from the cache of back and forward, where no event arrives."""
        self._pending.clear()
        for callback in self._on_page_show.copy():
            callback()

    def hide(self) -> None:
        """Be left for another page."""
        for callback in self._on_page_hide.copy():
            callback()

    def idle(self) -> None:
        """Have nothing to do for a while."""
        waiting, self._when_idle[:] = self._when_idle.copy(), []
        for callback in waiting:
            callback()

    def notice(self, kind: str, key: "str | None") -> None:
        """Queue an event."""
        self._pending.append((self._areas[kind], key))

    # -- the interface of a host ----------------------------------------------------------------

    def area(self, kind: str) -> "_SharedArea":
        return self._areas[kind]

    def memory(self, kind: str) -> MemoryArea:
        return self._memory.setdefault(kind, MemoryArea())

    def is_shared(self, raw: object) -> bool:
        return raw is self._areas["local"]

    def numbered(self, area: Area, prefix: str) -> Numbered:
        return Numbered(area, prefix)

    def listen(
        self, target: Any, event: str, handle: Callable[[Any], object]
    ) -> Callable[[], None]:
        return listen(target, event, handle)

    def keys(self, area: Area, prefix: str) -> list[str]:
        return area.listed(prefix)

    def on_storage(
        self, callback: Callable[[object, list[str] | None], None]
    ) -> Callable[[], None]:
        self._on_storage.append(callback)
        return lambda: self._on_storage.remove(callback)

    def on_page_show(self, callback: Callable[[], None]) -> Callable[[], None]:
        self._on_page_show.append(callback)
        return lambda: self._on_page_show.remove(callback)

    def on_page_hide(self, callback: Callable[[], None]) -> Callable[[], None]:
        self._on_page_hide.append(callback)
        return lambda: self._on_page_hide.remove(callback)

    def when_idle(self, callback: Callable[[], None]) -> Callable[[], None]:
        self._when_idle.append(callback)

        def cancel() -> None:
            if callback in self._when_idle:
                self._when_idle.remove(callback)

        return cancel

    def avoid_stale_cache(self) -> Callable[[], None]:
        return lambda: None


class _SharedArea(MemoryArea):
    """One document's handle on an area that its peers hold too."""

    def __init__(self, owner: Tab, kind: str, peers: list[Tab]) -> None:
        super().__init__()
        self._owner = owner
        self._kind = kind
        self.peers = peers
        if peers:
            self._items = peers[0].area(kind)._items
        peers.append(owner)

    def setItem(self, key: str, value: str) -> None:
        before = self._items.get(key)
        super().setItem(key, value)
        if value != before:
            self._tell(key)

    def removeItem(self, key: str) -> None:
        was_there = key in self._items
        super().removeItem(key)
        if was_there:
            self._tell(key)

    def clear(self) -> None:
        super().clear()
        self._tell(None)

    def _tell(self, key: "str | None") -> None:
        for peer in self.peers:
            if peer is not self._owner:
                peer.notice(self._kind, key)


def tabs(number: int) -> list[Tab]:
    """So many tabs of one browser, each a host for `use_host`."""
    local_peers: list[Tab] = []
    return [Tab([], local_peers) for _ in range(number)]
