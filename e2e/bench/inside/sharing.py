"""Runs in two tabs of one browser: what a change of a state costs that both hold, and how a flood arrives."""

import asyncio
import json
from collections.abc import Callable
from time import perf_counter
from typing import Any

from js import localStorage, performance

from anchor_session import host, session, shared
from anchor_session.testing import MemoryArea

from .data import RECORDS, build
from .sampling import Samples, Times, in_turn

CHANGES = 20
GAP = 1 / 3000
"""Seconds between two changes of a sample: those that follow at once share a message to the browser."""
SIZES = ("1 KB", "10 KB", "100 KB")
LAYOUTS = ("auto", "document")

put = localStorage.setItem
in_memory = session("in-memory", {"records": {"r": {"price": -1}}}, area=MemoryArea())


def now() -> float:
    """Milliseconds since 1970, the same in all tabs."""
    return float(performance.timeOrigin + performance.now())


# -- one change -------------------------------------------------------------------------------------


def open_all() -> None:
    """The states that are changed, in either tab."""
    for size in SIZES:
        for layout in LAYOUTS:
            opened(size, layout)


def opened(size: str, layout: str) -> Any:
    return shared(f"bench-{layout}-{size}", build("map", RECORDS[size]), layout=layout)


async def changes(rounds: int) -> Times:
    """Microseconds of a change by size and layout, and of one `setItem` of the whole text."""
    samples: Samples = {}
    for size in SIZES:
        for layout in LAYOUTS:
            samples[f"{layout}, {size}"] = changing(opened(size, layout))
        text = json.dumps(build("map", RECORDS[size]), separators=(",", ":"))
        samples[f"setItem, {size}"] = writing(f"bench {size}", text)
    for sample in samples.values():
        sample()
    times = await in_turn(rounds, samples)
    for size in SIZES:
        localStorage.removeItem(f"bench {size}")
    return times


def timed(do: Callable[[int], object]) -> float:
    total = 0.0
    for number in range(CHANGES):
        end = perf_counter() + GAP
        while perf_counter() < end:
            pass
        start = perf_counter()
        do(number)
        total += perf_counter() - start
    return total / CHANGES * 1e6


def changing(state: Any) -> Callable[[], float]:
    turn = 0

    def change(number: int) -> None:
        state["records"]["r00005"]["price"] = turn * CHANGES + number + 0.5

    def sample() -> float:
        nonlocal turn
        turn += 1
        return timed(change)

    return sample


def writing(key: str, text: str) -> Callable[[], float]:
    """Python changes a state in memory before each call, as it does before each write of a state."""
    texts = (text, text[:-1] + " ")

    def write(number: int) -> None:
        in_memory["records"]["r"]["price"] = number
        put(key, texts[number % 2])

    return lambda: timed(write)


# -- a flood ----------------------------------------------------------------------------------------


def flood(number: int, count: int) -> tuple[float, float]:
    """Change a state so often; microseconds a change, and the moment of the end."""
    state = shared(f"flood-{number}", {"n": 0})
    start = perf_counter()
    for n in range(1, count + 1):
        state["n"] = n
    return (perf_counter() - start) / count * 1e6, now()


class Bank:
    """The other tab: `counts` are adoptions, which are calls into Python, and keys that they told of."""

    def __init__(self, number: int, count: int) -> None:
        self.state = shared(f"flood-{number}", {"n": 0})
        self.counts = [0, 0]
        self._count = count
        self._stop = host.current().on_storage(self._told)

    def _told(self, area: Any, keys: "list[str] | None") -> None:
        self.counts[0] += 1
        self.counts[1] += len(keys or [])

    async def arrived(self) -> float:
        """The moment when the last change is here."""
        while self.state["n"] != self._count:
            await asyncio.sleep(0)
        found = now()
        self._stop()
        return found
