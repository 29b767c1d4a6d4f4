"""Everyone who is measured: the package, the libraries, and the floors. Times are in milliseconds.

All of them store in the real `sessionStorage`, each under a key of its own: `key`, unless it has more than
one text that could be taken away between samples. `start` tells whether a change is in storage only a
microtask later.
"""

import json
from time import perf_counter
from typing import Any

from js import bench, sessionStorage

from anchor_session import batch, session, snapshot
from anchor_session.testing import MemoryArea

from .data import BARE, FULL, OURS, SMALL, Path
from .edits import Change, apply, calls
from .stored import drop, key_of, stored

LIBRARIES: list[str] = bench.libraries.to_py()


GAP: float = bench.gap
"""Milliseconds between two changes of a sample."""


def wait() -> None:
    """Let the browser put away the change before: those that follow at once share a message."""
    end = perf_counter() + GAP / 1e3
    while perf_counter() < end:
        pass


class Ours:
    """A state of this package. Its entries stay where they are: it may rewrite them when the page is idle."""

    key = None

    def __init__(self, layout: str) -> None:
        self.name = OURS[layout]
        self._layout = layout
        self._session_name = f"bench-{layout}"
        self._state: Any = None

    def start(self, text: str, change: Change) -> bool:
        sessionStorage.setItem(key_of(self._session_name), text)
        self._open()
        return False

    def _open(self) -> None:
        self._state = session(self._session_name, layout=self._layout)

    def stop(self) -> None:
        drop(self._session_name, self._state)

    async def probe(self, change: Change) -> Any:
        """What a reload at that moment would find."""
        self._do(change)
        area = MemoryArea()
        for key, text in stored(self._session_name).items():
            area.setItem(key, text)
        found = session(self._session_name, layout=self._layout, area=area)
        data = snapshot(found)
        session.leave(found)
        return data

    async def apply(self, change: Change) -> None:
        self._do(change)

    def _do(self, change: Change) -> None:
        if len(change) > 1:
            with batch():
                apply(self._state, change)
        else:
            apply(self._state, change)

    async def time(self, changes: list[Change], undos: list[Change]) -> float:
        todo = [calls(self._state, change) for change in changes]
        total = 0.0
        for number, each in enumerate(todo):
            wait()
            if len(each) > 1:
                start = perf_counter()
                with batch():
                    for do, given in each:
                        do(*given)
                total += perf_counter() - start
            else:
                ((do, given),) = each
                start = perf_counter()
                do(*given)
                total += perf_counter() - start
            if undos:
                apply(self._state, undos[number])
        return total * 1e3

    def time_open(self, times: int, path: Path) -> float:
        total = 0.0
        for _ in range(times):
            session.leave(self._state)
            self._state = None
            start = perf_counter()
            self._open()
            node = self._state
            for step in path:
                node = node[step]
            total += perf_counter() - start
        return total * 1e3


class Peer:
    """A JavaScript library; it is timed in JavaScript."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.key = f"bench {name}"
        self._subject = bench.subject(name, self.key)

    def start(self, text: str, change: Change) -> bool:
        return bool(self._subject.start(text, json.dumps(change)))

    def stop(self) -> None:
        self._subject.stop()

    async def probe(self, change: Change) -> Any:
        return json.loads(await self._subject.probe(json.dumps(change)))

    async def apply(self, change: Change) -> None:
        await self._subject.apply(json.dumps(change))

    async def time(self, changes: list[Change], undos: list[Change]) -> float:
        return float(await self._subject.time(json.dumps(changes), json.dumps(undos)))

    def time_open(self, times: int, path: Path) -> float:
        return float(self._subject.time_open(times, json.dumps(path)))


in_memory = session(
    "in-memory", {"records": {"r": {"price": -1}}}, layout="document", area=MemoryArea()
)


class Floor:
    """One call of `setItem`, bound once, for each change: with the whole text or with 60 bytes.

    Python changes a state in memory before each, as it does before each write of a state that is stored.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.key = f"bench {name}"
        self._set = sessionStorage.setItem
        self._texts = ("", "")

    def start(self, text: str, change: Change) -> bool:
        whole = text if self.name == FULL else text[:60]
        self._texts = (whole, whole[:-2] + "  ")
        self._set(self.key, whole)
        return False

    def stop(self) -> None:
        sessionStorage.removeItem(self.key)

    async def time(self, changes: list[Change], undos: list[Change]) -> float:
        put, key, texts = self._set, self.key, self._texts
        total = 0.0
        for number in range(len(changes)):
            wait()
            in_memory["records"]["r"]["price"] = number
            start = perf_counter()
            put(key, texts[number % 2])
            total += perf_counter() - start
        return total * 1e3


Store = Ours | Peer
Subject = Store | Floor


def subjects(operation: str) -> list[Subject]:
    """Who takes part; the floors are those of setting a leaf."""
    found: list[Subject] = [Ours(layout) for layout in OURS]
    found += [Peer(name) for name in (*LIBRARIES, BARE)]
    if operation == "set":
        found += [Floor(FULL), Floor(SMALL)]
    return found
