"""Single writes of the package, beside a bound `setItem`."""

import json
from collections.abc import Callable
from typing import Any

from js import bench, sessionStorage

from anchor_session import batch, session

from .data import OURS, record
from .sampling import Samples, Times, in_turn, repeated
from .stored import drop

COUNT = 1000
KEYS = [f"k{n}" for n in range(COUNT)]


async def small(rounds: int) -> Times:
    """One number of a state of 60 bytes, and the same text by a bound `setItem`."""
    data = {"name": "as large as one small record", "number": 100_000}
    texts = [json.dumps({**data, "number": 100_000 + n}, separators=(",", ":")) for n in range(100)]
    put = sessionStorage.setItem
    samples: Samples = {"setItem": repeated(30, lambda n: put("bench small", texts[n % 100]))}
    states = {layout: session(f"bench-small-{layout}", data, layout=layout) for layout in OURS}
    for layout, state in states.items():
        samples[layout] = repeated(30, setting(state, "number", lambda n: 100_001 + n))
    times = await in_turn(rounds, samples)
    drop_all("small", states)
    sessionStorage.removeItem("bench small")
    return times


async def batches(rounds: int) -> Times:
    """One set in a batch that changes each of 1000 numbers of a map."""
    states = thousands("batch")
    samples: Samples = {
        layout: repeated(1, changing_all(state.numbers), parts=COUNT)
        for layout, state in states.items()
    }
    times = await in_turn(rounds, samples)
    drop_all("batch", states)
    return times


async def equals(rounds: int) -> Times:
    """Setting a number, and a record, to what it is."""
    states = thousands("equal")
    samples: Samples = {}
    same = record(1)
    for layout, state in states.items():
        state.record = same
        samples[f"{layout}, a number"] = repeated(500, setting(state.numbers, "k7", lambda n: 0))
        samples[f"{layout}, a record"] = repeated(30, setting(state, "record", lambda n: same))
    times = await in_turn(rounds, samples)
    drop_all("equal", states)
    return times


def calls() -> dict[str, int]:
    """How often `setItem` is called for a statement."""
    found = {}
    bench.count()
    states = thousands("calls")
    for layout, state in states.items():
        numbers = state.numbers
        for what, do in {
            "a set": setting(numbers, "k7", lambda n: 1),
            "an equal set": setting(numbers, "k7", lambda n: 1),
            "a batch of 1000 sets": changing_all(numbers),
        }.items():
            bench.calls = 0
            do(0)
            found[f"{layout}, {what}"] = bench.calls
    bench.count_no_more()
    drop_all("calls", states)
    return found


def thousands(purpose: str) -> dict[str, Any]:
    """By layout, a state with a map of 1000 numbers."""
    return {
        layout: session(
            f"bench-{purpose}-{layout}", {"numbers": dict.fromkeys(KEYS, 0)}, layout=layout
        )
        for layout in OURS
    }


def drop_all(purpose: str, states: dict[str, Any]) -> None:
    for layout, state in states.items():
        drop(f"bench-{purpose}-{layout}", state)


def setting(view: Any, key: str, value: Callable[[int], object]) -> Callable[[int], None]:
    def do(number: int) -> None:
        view[key] = value(number)

    return do


def changing_all(numbers: Any) -> Callable[[int], None]:
    def do(number: int) -> None:
        with batch():
            for key in KEYS:
                numbers[key] = number + 1

    return do
