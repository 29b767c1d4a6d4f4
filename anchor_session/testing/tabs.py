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
from typing import TYPE_CHECKING, Any

from ..host.append_log import AppendLog
from ..host.area import Area
from ..host.compared_area import ComparedArea
from ..host.memory import MemoryArea, listen
from .areas import Copy, Kept, TabArea
from .arrivals import Arrivals
from .hosts import use_host

if TYPE_CHECKING:
    from .browser import Browser


class Tab(Arrivals):
    """A host: one document. Its `sessionStorage` is its own, its `localStorage` common to all tabs.

    As in a browser, an event reaches the other documents of an area, later, and only for what differs.
    Nothing arrives and nothing runs by itself: events and messages at `deliver`, what was asked for with
    `soon` and `after` at `deliver`, `run` or `clock.advance`. Then this tab is the current host.
    """

    def __init__(self, browser: "Browser", copies: "dict[str, Copy] | None" = None) -> None:
        if copies is None:
            copies = {"session": Copy(Kept()), "local": Copy(browser.local)}
        super().__init__(browser, copies["local"])
        self.has_warned = True
        self.copied: bool | None = None
        self.hears_end = True
        self.is_prerendering = False
        self._before: Tab | None = None
        self._until_shown: list[Callable[[], None]] = []
        self._on_page_show: list[Callable[[], None]] = []
        self._on_page_hide: list[Callable[[], None]] = []
        self._on_page_leave: list[Callable[[], None]] = []
        self._when_idle: list[Callable[[], None]] = []
        self._memory: dict[str, MemoryArea] = {}
        self._areas = {kind: TabArea(self, copy) for kind, copy in copies.items()}
        browser.tabs.append(self)

    # -- what a test does with it ---------------------------------------------------------------

    def frame(self) -> "Tab":
        """Another document of the same tab: an iframe of the same origin."""
        frame = Tab(self.browser, self._copies())
        frame.is_prerendering = self.is_prerendering
        return frame

    def duplicate(self) -> "Tab":
        """Another tab, which begins with a copy of this one's `sessionStorage`."""
        return self.browser.open(self._areas["session"].entries())

    def reload(self) -> "Tab":
        """Be left; the next document of the same tab."""
        copies = self._copies()
        self.close()
        return Tab(self.browser, copies)

    def prerender(self) -> "Tab":
        """The next document of the same tab, prepared before this one is left: see `activate`.

        Until then it has a copy of `sessionStorage`, and what it sends or locks waits.
        """
        copies = {
            "session": Copy(Kept(self._areas["session"].entries())),
            "local": Copy(self.browser.local),
        }
        following = Tab(self.browser, copies)
        following.is_prerendering = True
        following._before = self
        return following

    def activate(self) -> None:
        """Be shown, after it was prerendered, in place of the one before: with its `sessionStorage`.

        So are its frames, after it.
        """
        before, self._before = self._before, None
        assert before is not None
        kept, given_up = before._areas["session"].copy, self._areas["session"].copy
        documents = [area.owner for area in given_up.areas]
        before.close()
        for each in documents:
            each._areas["session"].move_to(kept)
            each.is_prerendering = False
        for each in documents:
            for act in each._until_shown:
                act()
            for callback in each._on_page_show.copy():
                each._do(callback)

    def when_shown(self, act: "Callable[[], None]") -> None:
        """Do it now, or when the prerendered page is shown."""
        if self.is_prerendering:
            self._until_shown.append(act)
        else:
            act()

    def close(self) -> None:
        """Be left and gone. What is stored stays; locks are given up, nothing is heard or run any more."""
        if not self.is_frozen:
            self.hide()
        self.kill()

    def kill(self) -> None:
        """Be gone without having been told."""
        if self.is_closed:
            return
        self.is_closed = True
        self.browser.forget(self)
        for area in self._areas.values():
            area.part()

    def freeze(self) -> None:
        """Hear nothing and run nothing until `thaw`; then it arrives all the same."""
        self.is_frozen = True

    def thaw(self) -> None:
        """Hear and run again."""
        self.is_frozen = False

    def show(self) -> None:
        """Come back from the cache of back and forward, where no event arrives."""
        self._pending.clear()
        self._messages.clear()
        for callback in self._on_page_show.copy():
            self._do(callback)

    def hide(self) -> None:
        """Be left for another page: that is told first, and then that the page is hidden."""
        for callback in self._on_page_hide + self._on_page_leave:
            self._do(callback)
        self.cover()

    def cover(self) -> None:
        """Be hidden, by another tab or another program, and go on."""
        for callback in self._on_page_hide.copy():
            self._do(callback)

    def idle(self) -> None:
        """Have nothing to do for a while."""
        waiting, self._when_idle[:] = self._when_idle.copy(), []
        for callback in waiting:
            self._do(callback)

    def _do(self, callback: Callable[..., object], *arguments: object) -> None:
        with use_host(self):
            callback(*arguments)

    def _copies(self) -> "dict[str, Copy]":
        return {kind: area.copy for kind, area in self._areas.items()}

    # -- the interface of a host ----------------------------------------------------------------

    def area(self, kind: str) -> TabArea:
        return self._areas[kind]

    def memory(self, kind: str) -> MemoryArea:
        return self._memory.setdefault(kind, MemoryArea())

    def is_shared(self, raw: object) -> bool:
        return raw is self._areas["local"]

    def bound(self, raw: object) -> None:
        return None

    def checked(self, area: Area) -> Area:
        return ComparedArea(area)

    def append_log(self, area: Area, prefix: str) -> AppendLog:
        return AppendLog(area, prefix)

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

    def on_page_leave(self, callback: Callable[[], None]) -> Callable[[], None]:
        self._on_page_leave.append(callback)
        return lambda: self._on_page_leave.remove(callback)

    def when_idle(self, callback: Callable[[], None]) -> Callable[[], None]:
        self._when_idle.append(callback)

        def cancel() -> None:
            if callback in self._when_idle:
                self._when_idle.remove(callback)

        return cancel

    def avoid_stale_cache(self) -> Callable[[], None]:
        return lambda: None

    def now(self) -> int:
        return self.browser.clock.now()

    def random_id(self) -> str:
        return f"{self.browser.random.getrandbits(24):06x}"

    def soon(self, callback: Callable[[], None]) -> Callable[[], None]:
        return self.after(0, callback)

    def after(self, seconds: float, callback: Callable[[], None]) -> Callable[[], None]:
        is_waiting = True

        def run() -> None:
            if is_waiting:
                callback()

        def fall_due() -> None:
            if self.is_frozen:
                self._late.append(run)
            elif not self.is_closed:
                self._do(run)

        def cancel() -> None:
            nonlocal is_waiting
            is_waiting = False
            forget()

        forget = self.browser.clock.call(seconds, fall_due, owner=self)
        return cancel

    def cookie(self, name: str) -> "str | None":
        return self.browser.cookies.get(name) if self.browser.has_cookies else None

    def set_cookie(self, name: str, value: str) -> None:
        if self.browser.has_cookies:
            self.browser.cookies[name] = value

    def channel(
        self, name: str, callback: Callable[[str], None]
    ) -> "tuple[Callable[[str], None], Callable[[], None]]":
        return self.browser.connect(self, name, callback)

    def hold(self, name: str) -> Callable[[], None]:
        lock = (self, name)
        is_released = False

        def release() -> None:
            nonlocal is_released
            is_released = True
            locks = self.browser.locks
            locks[:] = [each for each in locks if each is not lock]

        def grant() -> None:
            if self.browser.has_locks and not is_released:
                self.browser.locks.append(lock)

        self.when_shown(grant)
        return release

    def held(self, callback: Callable[["set[str] | None"], None]) -> None:
        def answer() -> None:
            names = {name for _, name in self.browser.locks}
            callback(names if self.browser.has_locks else None)

        def ask() -> None:
            self.soon(answer)

        self.when_shown(ask)
