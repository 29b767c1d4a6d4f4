"""How much room states take: `python -m tests.room [PATH]`, PATH is another checkout of the package.

An album: eight texts appended with three seconds between, 300 small changes, four texts removed again, then
quiet, in simulated tabs whose areas hold what a browser's do. Printed for each kind and size: what was
refused, the peak beside N, the size of the state's text, and what is there when all has been quiet.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

QUOTA = 5_242_880
SLACK = 65_536
"""Units that a state may take beside what is said of its size, while it changes."""


class Room:
    """What lies in the areas of a browser, looked at whenever something is stored."""

    def __init__(self, browser: Any, kind: str, quota: int) -> None:
        self.browser = browser
        self.kind = kind
        self.quota = quota
        self.peak = 0  # units
        self.excess = 0.0  # the peak without the slack, beside N

    def open(self) -> Any:
        """Another tab, whose areas hold so much."""
        tab = self.browser.open()
        for kind in ("session", "local"):
            area = tab.area(kind)
            area.quota = self.quota
            self._watch(area)
        return tab

    def taken(self) -> int:
        """Units of all entries of states there are."""
        if self.kind == "session":
            items = self.browser.tabs[0].area("session").entries()
        else:
            items = self.browser.local.items
        return sum(len(key) + len(text) for key, text in items.items() if "://" in key)

    def _watch(self, area: Any) -> None:
        plain = area.setItem

        def store(key: str, text: str) -> None:
            plain(key, text)
            self.peak = max(self.peak, self.taken())

        area.setItem = store

    def note(self, size: int) -> None:
        """Compare the peak since the last time with the greatest size of the state since then."""
        if size:
            self.excess = max(self.excess, (self.peak - SLACK) / size)
        self.peak = self.taken()


def album(kind: str, tabs: int, size: int, layout: str, quota: int = QUOTA) -> dict[str, Any]:
    """Run it; what to print."""
    import anchor_session
    from anchor_session import StorageError, snapshot
    from anchor_session.codec import encode
    from anchor_session.page.open_states import leave_all
    from anchor_session.testing import Browser, use_host

    room = Room(Browser(), kind, quota)
    states = []
    hosts = [room.open() for _ in range(tabs)]
    for host in hosts:
        with use_host(host):
            opener = getattr(anchor_session, kind)
            states.append(opener("album", {"images": [], "n": 0}, layout=layout))
    refused, peak, sizes = 0, 0, [0]

    def pause(seconds: int) -> None:
        for _ in range(seconds):
            room.browser.settle()
            room.browser.clock.advance(1)
            for host in hosts:
                host.idle()

    def change(number: int, make: Any) -> None:
        nonlocal refused, peak
        host, state = hosts[number % tabs], states[number % tabs]
        before = len(encode(snapshot(state)))
        with use_host(host):
            try:
                make(state)
            except StorageError:
                refused += 1
        sizes.append(len(encode(snapshot(state))))
        peak = max(peak, room.peak)
        room.note(max(before, sizes[-1]))

    for number in range(8):
        change(number, lambda state: state["images"].append("x" * size))
        pause(3)
    for number in range(300):
        change(number, lambda state: state.__setitem__("n", state["n"] + 1))
        if number % 10 == 0:
            pause(1)
    top = max(sizes)
    pause(10)
    full = room.taken() / sizes[-1]
    for number in range(4):
        change(number, lambda state: state["images"] and state["images"].pop())
    pause(10)
    rest = room.taken() / sizes[-1]
    leave_all()
    return {
        "N": top,
        "refused": refused,
        "peak/N": f"{peak / top:.2f}",
        "(peak-64K)/N": f"{room.excess:.2f}",
        "quiet/N": f"{full:.2f}",
        "removed/N": f"{rest:.2f}",
    }


def cases() -> Iterator[tuple[str, int, int, str]]:
    for kind, tabs in (("session", 1), ("persistent", 1), ("persistent", 2), ("shared", 3)):
        for size in (10, 1_000, 40_000, 400_000, 600_000):
            for layout in ("auto", "document") if size in (1_000, 400_000) else ("auto",):
                yield kind, tabs, size, layout


def main() -> None:
    print(f"{'':34}", "N, refused, peak/N, (peak-64K)/N, quiet/N, after removals/N")
    for kind, tabs, size, layout in cases():
        found = album(kind, tabs, size, layout)
        name = f"{kind}, {tabs} tabs, 8 x {size}, {layout}"
        print(f"{name:40}", *[f"{value!s:>8}" for value in found.values()], flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.path.insert(0, str(Path(sys.argv[1]).resolve()))
    main()
