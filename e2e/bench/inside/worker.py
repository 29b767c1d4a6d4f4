"""Runs in a PyScript worker: a change there beside one bound `setItem`."""

import json
from collections.abc import Callable
from time import perf_counter

from pyscript import window

from anchor_session import session
from anchor_session.testing import MemoryArea

from .data import RECORDS, build
from .sampling import Samples, Times, in_turn, repeated

ROUNDS = 15
CHANGES = 20
SIZES = ("1 KB", "100 KB")

put = window.sessionStorage.setItem


in_memory = session("in-memory", {"records": {"r": {"price": -1}}}, area=MemoryArea())


def writing(key: str, text: str) -> Callable[[], float]:
    """Python changes a state in memory before each call, as it does before each write of a state."""
    texts = (text, text[:-1] + " ")

    def sample() -> float:
        total = 0.0
        for number in range(CHANGES):
            in_memory["records"]["r"]["price"] = number
            start = perf_counter()
            put(key, texts[number % 2])
            total += perf_counter() - start
        return total / CHANGES * 1e6

    return sample


def changing(count: int) -> Callable[[], float]:
    state = session(f"bench-worker-{count}", build("map", count))

    def change(number: int) -> None:
        state["records"]["r00007"]["price"] = number + 0.75

    return repeated(CHANGES, change)


async def measure() -> Times:
    samples: Samples = {"setItem, 60 bytes": writing("bench small", "x" * 60)}
    for size in SIZES:
        text = json.dumps(build("map", RECORDS[size]), separators=(",", ":"))
        samples[f"setItem, {size}"] = writing(f"bench {size}", text)
        samples[f"change, {size}"] = changing(RECORDS[size])
    return await in_turn(ROUNDS, samples)
