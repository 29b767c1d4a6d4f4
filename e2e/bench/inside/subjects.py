"""Everyone who is measured, behind one interface: the package, the libraries, and the floors.

All of them store in the real `sessionStorage`, each under a key of its own.
"""

import json
from time import perf_counter
from typing import Any, Protocol

from js import bench, sessionStorage

from anchor_session import batch, session, snapshot
from anchor_session.testing import MemoryArea

from .data import Path
from .edits import KINDS, Change, apply

OURS = {"auto": "anchor_session, auto", "document": "anchor_session, document"}
FULL = "floor: setItem, whole text"
SMALL = "floor: setItem, 60 bytes"
PEERS: list[str] = bench.names.to_py()


class Subject(Protocol):
    """Times are in milliseconds. `start` tells whether a change is in storage a microtask later only."""

    name: str
    is_parked: bool  # its text leaves the storage between samples where there is no room for all

    def start(self, text: str, change: Change) -> bool: ...
    def stop(self) -> None: ...
    def park(self) -> None: ...
    def unpark(self) -> None: ...
    async def probe(self, change: Change) -> Any: ...
    async def apply(self, change: Change) -> None: ...
    async def time(self, changes: list[Change], undos: list[Change]) -> float: ...
    def time_open(self, times: int, path: Path) -> float: ...


class Ours:
    """A state of this package. Its text stays: a journal is no text that could be put back later."""

    is_parked = False

    def __init__(self, layout: str) -> None:
        self.name = OURS[layout]
        self._layout = layout
        self._session_name = f"bench-{layout}"
        self._key = f"anchor-session://bench-{layout}@1.0.0"
        self._state: Any = None

    def start(self, text: str, change: Change) -> bool:
        sessionStorage.setItem(self._key, text)
        self._open()
        return False

    def _open(self) -> None:
        self._state = session(self._session_name, layout=self._layout)

    def stop(self) -> None:
        session.leave(self._state)
        for key in stored(self._key):
            sessionStorage.removeItem(key)

    def park(self) -> None: ...

    def unpark(self) -> None: ...

    async def probe(self, change: Change) -> Any:
        """What a reload at that moment would find."""
        self._do(change)
        area = MemoryArea()
        for key, text in stored(self._key).items():
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
        if len(changes[0]) > 1:
            start = perf_counter()
            for change in changes:
                self._do(change)
            return (perf_counter() - start) * 1e3
        state = self._state
        do = KINDS[changes[0][0][0]]
        edits = [(path[:-1], path[-1], value) for ((_, path, value),) in changes]
        if not undos:
            start = perf_counter()
            for steps, key, value in edits:
                node = state
                for step in steps:
                    node = node[step]
                do(node, key, value)
            return (perf_counter() - start) * 1e3
        total = 0.0
        for (steps, key, value), undo in zip(edits, undos):
            start = perf_counter()
            node = state
            for step in steps:
                node = node[step]
            do(node, key, value)
            total += perf_counter() - start
            apply(state, undo)
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

    is_parked = True

    def __init__(self, name: str) -> None:
        self.name = name
        self._subject = bench.subject(name)

    def start(self, text: str, change: Change) -> bool:
        return bool(self._subject.start(text, json.dumps(change)))

    def stop(self) -> None:
        self._subject.stop()

    def park(self) -> None:
        self._subject.park()

    def unpark(self) -> None:
        self._subject.unpark()

    async def probe(self, change: Change) -> Any:
        return json.loads(await self._subject.probe(json.dumps(change)))

    async def apply(self, change: Change) -> None:
        await self._subject.apply(json.dumps(change))

    async def time(self, changes: list[Change], undos: list[Change]) -> float:
        return float(await self._subject.time(json.dumps(changes), json.dumps(undos)))

    def time_open(self, times: int, path: Path) -> float:
        return float(self._subject.time_open(times, json.dumps(path)))


class Floor:
    """One call of `setItem`, bound once, for each change: with the whole text or with 60 bytes."""

    is_parked = True

    def __init__(self, name: str) -> None:
        self.name = name
        self._key = f"bench {name}"
        self._set = sessionStorage.setItem
        self._texts = ("", "")

    def start(self, text: str, change: Change) -> bool:
        whole = text if self.name == FULL else text[:60]
        self._texts = (whole, whole[:-2] + "  ")
        self._set(self._key, whole)
        return False

    def stop(self) -> None:
        sessionStorage.removeItem(self._key)

    def park(self) -> None:
        sessionStorage.removeItem(self._key)

    def unpark(self) -> None:
        self._set(self._key, self._texts[1])

    async def probe(self, change: Change) -> Any:
        return None

    async def apply(self, change: Change) -> None: ...

    async def time(self, changes: list[Change], undos: list[Change]) -> float:
        put, key, texts = self._set, self._key, self._texts
        start = perf_counter()
        for number in range(len(changes)):
            put(key, texts[number % 2])
        return (perf_counter() - start) * 1e3

    def time_open(self, times: int, path: Path) -> float:
        raise NotImplementedError


def stored(prefix: str) -> dict[str, str]:
    """The entries whose keys begin like that."""
    keys = [sessionStorage.key(number) for number in range(sessionStorage.length)]
    return {key: sessionStorage.getItem(key) for key in keys if key.startswith(prefix)}


def subjects(operation: str) -> list[Subject]:
    """Who takes part; the floors are those of setting a leaf."""
    found: list[Subject] = [Ours(layout) for layout in OURS]
    found += [Peer(name) for name in PEERS]
    if operation == "set":
        found += [Floor(FULL), Floor(SMALL)]
    return found
