"""Opening 58 KB: a document, and a journal that is as long as it gets."""

import json
from collections.abc import Callable
from functools import cache
from time import perf_counter

from js import sessionStorage

from anchor_session import session

from .data import OURS, RECORDS, build
from .sampling import Samples, Times, in_turn, repeated
from .stored import drop, key_of, stored

COUNT = 1000
RECORDS_OF_58_BYTES = [
    {"id": n, "name": f"Record {n:04}", "price": n + 0.25, "done": n % 3 == 0} for n in range(COUNT)
]
TEXT = json.dumps({"records": RECORDS_OF_58_BYTES}, separators=(",", ":"))


async def opening(rounds: int) -> Times:
    """Microseconds by layout, of a journal as long as it gets, and of `json.loads` alone."""
    samples: Samples = {"json.loads": repeated(1, lambda n: json.loads(TEXT))}
    for layout in OURS:
        name = f"bench-open-{layout}"
        samples[layout] = opening_of(name, layout, {key_of(name): TEXT})
    samples["journal"] = opening_of("bench-replay", "journal", longest_journal())
    return await in_turn(rounds, samples)


def sizes() -> dict[str, int]:
    """How long the document is, and the longest journal beside it."""
    return {
        "document": len(TEXT),
        "journal": sum(map(len, longest_journal().values())) - len(TEXT),
    }


async def folding(rounds: int) -> Times:
    """What `leave` takes after one change."""
    samples: Samples = {}
    for size in ("10 KB", "100 KB", "1 MB"):
        text = json.dumps(build("map", RECORDS[size]), separators=(",", ":"))
        samples[size] = leaving(f"bench-fold-{RECORDS[size]}", text)
    return await in_turn(1 + rounds // 3, samples)


def leaving(name: str, text: str) -> Callable[[], float]:
    def sample() -> float:
        sessionStorage.setItem(key_of(name), text)
        state = session(name)
        state.records.r00007.price = 1.75
        start = perf_counter()
        session.leave(state)
        passed = perf_counter() - start
        for key in stored(name):
            sessionStorage.removeItem(key)
        return passed * 1e6

    return sample


def opening_of(name: str, layout: str, entries: dict[str, str]) -> Callable[[], float]:
    """A sample: opens what `entries` hold and reads a leaf, and puts everything away again."""

    def sample() -> float:
        for key, text in entries.items():
            sessionStorage.setItem(key, text)
        start = perf_counter()
        state = session(name, layout=layout)
        _ = state.records[500].price
        passed = perf_counter() - start
        drop(name, state)
        return passed * 1e6

    return sample


@cache
def longest_journal() -> dict[str, str]:
    """The entries of a state whose journal would be folded with the next change or soon after.

    No other task runs meanwhile: the page is never idle.
    """
    name = "bench-replay"
    sessionStorage.setItem(key_of(name), TEXT)
    state = session(name, layout="journal")
    longest: dict[str, str] = {}
    for number in range(100_000):
        state.records[number * 7 % COUNT].price = number + 0.75
        if number % 8 == 0:
            entries = stored(name)
            if sum(map(len, entries.values())) < sum(map(len, longest.values())):
                break
            longest = entries
    drop(name, state)
    return longest
