"""Runs in a PyScript worker: a change there beside one bound `setItem`; microseconds, a number a round.

The runner sends this file as it is, with a call of `measure` below it.
"""

import asyncio
import json
from collections.abc import Callable
from time import perf_counter

from pyscript import window

from anchor_session import session

ROUNDS = 15
CHANGES = 20
SIZES = {"1 KB": 10, "100 KB": 1000}

put = window.sessionStorage.setItem
numbers = iter(range(1 << 30))


def records(count: int) -> dict[str, dict[str, object]]:
    rest = {"quantity": 2, "tags": ["new", "sale"], "done": False}
    return {f"r{n:05}": {"name": f"Record {n}", "price": n + 0.5, **rest} for n in range(count)}


def writing(key: str, text: str) -> Callable[[], None]:
    texts = (text, text[:-1] + " ")
    return lambda: put(key, texts[next(numbers) % 2])


def changing(count: int) -> Callable[[], None]:
    state = session(f"bench-worker-{count}", {"records": records(count)})
    record = state.records["r00007"]
    return lambda: record.__setitem__("price", next(numbers) + 0.25)


def microseconds(do: Callable[[], None]) -> float:
    start = perf_counter()
    for _ in range(CHANGES):
        do()
    return (perf_counter() - start) / CHANGES * 1e6


async def measure() -> dict[str, list[float]]:
    samples = {"setItem, 60 bytes": writing("bench small", "x" * 60)}
    for size, count in SIZES.items():
        text = json.dumps({"records": records(count)}, separators=(",", ":"))
        samples[f"setItem, {size}"] = writing(f"bench {size}", text)
        samples[f"change, {size}"] = changing(count)
    times: dict[str, list[float]] = {name: [] for name in samples}
    for _ in range(ROUNDS):
        for name, do in samples.items():
            await asyncio.sleep(0.01)
            times[name].append(microseconds(do))
    return times
