"""Runs in a PyScript worker: a change there beside one bound `setItem`."""

import json
from collections.abc import Callable

from pyscript import window

from anchor_session import session

from .data import RECORDS, build
from .sampling import Samples, Times, in_turn, repeated

ROUNDS = 15
CHANGES = 20
SIZES = ("1 KB", "100 KB")

put = window.sessionStorage.setItem


def writing(key: str, text: str) -> Callable[[], float]:
    texts = (text, text[:-1] + " ")
    return repeated(CHANGES, lambda number: put(key, texts[number % 2]))


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
