"""How long the ways through the package are: `python -m tests.ways` (or `make ways`).

A way is one thing that a program does, such as a statement. Counted on CPython by a profiler: the calls of
functions of the package, the rooms (its files) that they run in, and the crossings (calls from one room into
another). Each way is warmed up before, so that nothing is imported and no table filled on it; what stands in
a browser's place (hosts and areas of memory) is left out. With `--calls` it prints the calls too.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import anchor_session
from anchor_session import bind, effect, session, shared
from anchor_session.conversations import MemorySessionStorage, StopEvent, TextEvent, create_session
from anchor_session.host.memory import MemoryHost
from anchor_session.page.open_states import leave_all
from anchor_session.records import MemoryStore, SessionManager
from anchor_session.testing import MemoryArea, Tab, tabs, use_host
from tests.page.elements import Element

PACKAGE = str(Path(anchor_session.__file__).parent)


class Way:
    """The calls of one way, in their order."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self.rooms: set[str] = set()
        self.crossings = 0

    def __str__(self) -> str:
        return f"{len(self.calls):5} {len(self.rooms):5} {self.crossings:9}"


@contextmanager
def counted() -> Iterator[Way]:
    """Count what is called in here."""
    way = Way()

    def room_of(frame: FrameType | None) -> str | None:
        path = "" if frame is None else frame.f_code.co_filename
        if not path.startswith(PACKAGE) or "/testing/" in path or path.endswith("host/memory.py"):
            return None
        return path[len(PACKAGE) + 1 :]

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event != "call" or (room := room_of(frame)) is None:
            return
        way.calls.append((room, frame.f_code.co_qualname))
        way.rooms.add(room)
        if (before := room_of(frame.f_back)) is not None and before != room:
            way.crossings += 1

    sys.setprofile(note)
    try:
        yield way
    finally:
        sys.setprofile(None)


def statement(layout: str) -> Way:
    """`state["a"]["b"] = 1`"""
    with use_host(MemoryHost()):
        state = session("s", {"a": {"b": 0}}, layout=layout)
        for number in range(3):
            state["a"]["b"] = 9 + number
        with counted() as way:
            state["a"]["b"] = 1
    return way


def opening() -> Way:
    """`session("s", {...})` with a record there."""
    area = MemoryArea()
    for name in ("warm", "s"):
        with use_host(MemoryHost()):
            session(name, {"a": {"b": 0}, "n": 1}, area=area).n = 2
            leave_all()
    with use_host(MemoryHost()):
        session("warm", {"a": {"b": 0}, "n": 1}, area=area)
        with counted() as way:
            session("s", {"a": {"b": 0}, "n": 1}, area=area)
    return way


def event(open_state: Callable[..., Any], another: Callable[[Tab], Tab]) -> Way:
    """Another document's change arrives, and an effect runs."""
    here = tabs(1)[0]
    there = another(here)
    with use_host(here):
        state = open_state("s", {"n": 0})
        ran: list[int] = []
        effect(lambda: ran.append(state.n))
    with use_host(there):
        other = open_state("s", {"n": 0})
        other.n = 1
        other.n = 2
    here.deliver()
    with use_host(there):
        other.n = 3
    with counted() as way:
        here.deliver()
    assert ran[-1] == 3
    return way


def appending() -> tuple[Way, Way]:
    """`shared(...).lines.append(...)`: written here, and arriving there."""
    here, there = tabs(2)
    with use_host(there):
        other = shared("s", {"lines": []})
    with use_host(here):
        state = shared("s", {"lines": []})
        state.lines.append({"n": 1})
        state.lines.append({"n": 2})
    there.deliver()
    with use_host(here), counted() as writing:
        state.lines.append({"n": 3})
    with counted() as arriving:
        there.deliver()
    assert len(other.lines) == 3
    return writing, arriving


def typing() -> Way:
    """An `input` event of a bound control."""
    with use_host(MemoryHost()):
        state = session("s", {"name": ""})
        element = Element("input", type="text", value="")
        bind(element, state, "name")
        element.enter(value="a")
        element.enter(value="ab")
        with counted() as way:
            element.enter(value="abc")
    assert state.name == "abc"
    return way


async def saving() -> Way:
    """`save_session`"""
    manager = SessionManager(MemoryStore())
    found = await manager.new_session()
    for number in range(3):
        found["n"] = number
        await manager.save_session(found)
    found["n"] = 3
    with counted() as way:
        await manager.save_session(found)
    return way


async def conversing() -> tuple[Way, Way]:
    """`send` and `receive`"""

    async def provider(state: Any, tools: Any) -> Any:
        yield TextEvent("Yes.")
        yield StopEvent("stop")

    conversation = await create_session(provider=provider, session_storage=MemorySessionStorage())
    for _ in range(2):
        await conversation.send("Is it there?")
        async for _event in conversation.receive():
            pass
    with counted() as sending:
        await conversation.send("Is it there?")
    with counted() as receiving:
        async for _event in conversation.receive():
            pass
    await conversation.close()
    return sending, receiving


def ways() -> Iterator[tuple[str, Way]]:
    """All of them, by name; what one has opened is left before the next."""
    yield '(a) s["a"]["b"] = 1, document', statement("document")
    leave_all()
    yield '(a) s["a"]["b"] = 1, journal', statement("journal")
    leave_all()
    yield "(b) session() with a record", opening()
    leave_all()
    yield "(c) storage event to effect, frames", event(session, lambda tab: tab.frame())
    leave_all()
    yield "(c) storage event to effect, tabs", event(shared, lambda tab: Tab(tab.browser))
    leave_all()
    writing, arriving = appending()
    yield "(d) shared().lines.append, writing", writing
    yield "(d) shared().lines.append, arriving", arriving
    leave_all()
    yield "(e) input event to stored text", typing()
    leave_all()
    yield "(f) save_session", asyncio.run(saving())
    sending, receiving = asyncio.run(conversing())
    yield "(g) send", sending
    yield "(g) receive", receiving


def main(arguments: list[str]) -> None:
    found = dict(ways())
    width = max(map(len, found))
    print(f"{'way':{width}} calls rooms crossings")
    for name, way in found.items():
        print(f"{name:{width}} {way}")
        if "--calls" in arguments:
            for room, function in way.calls:
                print(f"    {room}: {function}")


if __name__ == "__main__":
    main(sys.argv[1:])
