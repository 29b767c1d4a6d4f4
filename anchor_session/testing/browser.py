"""What the tabs of one browser have in common, without the browser."""

from collections.abc import Callable
from random import Random

from .areas import Copy, Kept
from .clock import ManualClock
from .tabs import Tab


class Browser:
    """Tabs with one `localStorage`, one clock, one set of cookies and locks, and channels between them.

    Nothing arrives and nothing runs by itself: a test calls `settle`, or `Tab.deliver` for one tab. With
    `network=True` the tabs' copies of `localStorage` differ too, until `settle` or so many times `step`.

    `has_cookies` and `has_locks` may be set to False: cookies are refused, Web Locks are not there.
    """

    def __init__(
        self, *, network: bool = False, clock: "ManualClock | None" = None, seed: int = 0
    ) -> None:
        self.clock = clock or ManualClock()
        self.tabs: list[Tab] = []
        """All documents that are open."""
        self.local = Kept(is_instant=not network)
        self.cookies: dict[str, str] = {}
        self.locks: list[tuple[Tab, str]] = []
        self.has_cookies = True
        self.has_locks = True
        self.random = Random(seed)
        self._channels: list[_Channel] = []

    def open(self, session: "dict[str, str] | None" = None) -> Tab:
        """A new tab, with these entries in its `sessionStorage`."""
        return Tab(self, {"session": Copy(Kept(session)), "local": Copy(self.local)})

    def crash(self) -> "list[dict[str, str]]":
        """End at once: cookies and locks are lost, storage stays, as far as it has reached the browser.

        Returns the `sessionStorage` of each tab: what `open` takes where tabs are restored.
        """
        areas = [tab.area("session") for tab in self.tabs]
        stored = [area.entries() for area in areas if area is area.copy.areas[0]]
        for tab in self.tabs.copy():
            tab.kill()
        self.local.copies.clear()
        self.cookies.clear()
        return stored

    def settle(self) -> None:
        """Let everything arrive, and run what is due, until nothing is left. Frozen tabs wait."""
        for _ in range(1000):
            sending = [copy for copy in self.local.copies if copy.sent]
            busy = [tab for tab in self.tabs if tab.is_busy()]
            if not sending and not busy:
                return
            for copy in sending:
                while copy.sent:
                    self.local.take(copy)
            for tab in busy:
                tab.deliver()
        raise AssertionError("the tabs never come to rest: do they answer each other's changes?")

    def step(self, choice: int) -> "str | None":
        """Let one thing happen of those that could, by a number from 0, which also says what of it.

        A write reaches the browser; a message of the browser reaches a tab; a storage event is told there
        (any of the waiting ones, all of them, or one that is told again later); a message of a channel (any
        of them) is heard; what is due runs. Returns what happened; None if nothing could.
        """
        from .schedule import possible

        found = possible(self)
        if not found:
            return None
        what, do = found[choice % len(found)]
        do(choice // len(found))
        return what

    def forget(self, tab: Tab) -> None:
        """The document is gone: nothing of it is held or heard any more."""
        self.tabs.remove(tab)
        self.locks[:] = [each for each in self.locks if each[0] is not tab]
        self._channels = [each for each in self._channels if each.tab is not tab]

    def connect(
        self, tab: Tab, name: str, callback: Callable[[str], None]
    ) -> "tuple[Callable[[str], None], Callable[[], None]]":
        """A `BroadcastChannel`: how to send to all others of that name, and how to end it."""
        channel = _Channel(tab, name, callback)
        self._channels.append(channel)

        def send(text: str) -> None:
            tab.when_shown(lambda: send_now(text))

        def send_now(text: str) -> None:
            for other in self._channels:
                if channel in self._channels and other is not channel and other.name == name:
                    other.tab.hear(other.receive, text)

        def end() -> None:
            channel.is_open = False
            self._channels = [each for each in self._channels if each is not channel]

        return send, end


class _Channel:
    def __init__(self, tab: Tab, name: str, callback: Callable[[str], None]) -> None:
        self.tab = tab
        self.name = name
        self.is_open = True
        self._callback = callback

    def receive(self, text: str) -> None:
        if self.is_open:
            self._callback(text)


def tabs(number: int, *, network: bool = False) -> list[Tab]:
    """So many tabs of one browser, each a host for `use_host`. `network`: as in `Browser`."""
    browser = Browser(network=network)
    return [browser.open() for _ in range(number)]
