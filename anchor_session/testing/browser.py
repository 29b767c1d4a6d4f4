"""What the tabs of one browser have in common, without the browser."""

from collections.abc import Callable
from random import Random

from .areas import CommonArea
from .clock import ManualClock
from .tabs import Tab


class Browser:
    """Tabs with one `localStorage`, one clock, one set of cookies and locks, and channels between them.

    Nothing arrives and nothing runs by itself: a test calls `settle`, or for one tab `Tab.deliver`.

    `has_cookies` and `has_locks` may be set to False: cookies are refused, Web Locks are not there.
    """

    def __init__(self, *, clock: "ManualClock | None" = None, seed: int = 0) -> None:
        self.clock = clock or ManualClock()
        self.tabs: list[Tab] = []  # all documents that are open
        self.cookies: dict[str, str] = {}
        self.locks: list[tuple[Tab, str]] = []
        self.has_cookies = True
        self.has_locks = True
        self.random = Random(seed)
        self._channels: list[_Channel] = []
        self._local: list[CommonArea] = []
        self._kept: dict[str, str] = {}  # localStorage while no tab is open

    def open(self, session: "dict[str, str] | None" = None) -> Tab:
        """A new tab, with these entries in its `sessionStorage`."""
        tab = Tab(self)
        tab.area("session").fill(session or {})
        return tab

    def local(self, tab: Tab) -> CommonArea:
        """The `localStorage` of a new document."""
        area = CommonArea(tab, "local", self._local)
        if len(self._local) == 1:
            area.fill(self._kept)
        self.tabs.append(tab)
        return area

    def forget(self, tab: Tab) -> None:
        """The document is gone: nothing of it is held or heard any more, what it stored stays."""
        self.tabs.remove(tab)
        self.locks[:] = [each for each in self.locks if each[0] is not tab]
        self._channels = [each for each in self._channels if each.tab is not tab]
        self._kept = tab.area("local").copy()

    def crash(self) -> "list[dict[str, str]]":
        """End at once. Storage stays, cookies and locks are lost.

        Returns each tab's `sessionStorage`, from which `open` restores it.
        """
        stored = []
        for tab in self.tabs.copy():
            area = tab.area("session")
            if area.peers[0] is area:  # the first document of its tab
                stored.append(area.copy())
        for tab in self.tabs.copy():
            tab.kill()
        self.cookies.clear()
        return stored

    def settle(self) -> None:
        """Let everything arrive, and run what is due, until nothing is left. Frozen tabs wait."""
        for _ in range(10_000):
            busy = [tab for tab in self.tabs if tab.is_busy()]
            if not busy:
                return
            for tab in busy:
                tab.deliver()
        raise AssertionError("the tabs never come to rest")

    def connect(
        self, tab: Tab, name: str, callback: Callable[[str], None]
    ) -> "tuple[Callable[[str], None], Callable[[], None]]":
        """A `BroadcastChannel`: how to send to all others of that name, and how to end it."""
        channel = _Channel(tab, name, callback)
        self._channels.append(channel)

        def send(text: str) -> None:
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
