"""Opening 58 KB: a document, and a journal that is as long as it gets."""

import json
from collections.abc import Callable
from time import perf_counter

from js import sessionStorage

from anchor_session import session

from .sampling import Samples, Times, in_turn, repeated
from .subjects import layouts, stored

COUNT = 1000


async def opening(rounds: int) -> Times:
    """Microseconds by layout, and of `json.loads` alone; also how many bytes there are."""
    records = [
        {"id": n, "name": f"Record {n:04}", "price": n + 0.25, "done": n % 3 == 0}
        for n in range(COUNT)
    ]
    text = json.dumps({"records": records}, separators=(",", ":"))
    samples: Samples = {"json.loads": repeated(1, lambda n: json.loads(text))}
    for layout in layouts():
        prefix = f"anchor-session://bench-open-{layout}@1.0.0"
        samples[layout] = opening_of(f"bench-open-{layout}", layout, {prefix: text})
    # TEMPORARY: until there is a journal; then without the `try`.
    try:
        entries = longest_journal(text)
        samples["journal"] = opening_of("bench-replay", "journal", entries)
    except NotImplementedError:
        entries = {}
    times = await in_turn(rounds, samples)
    times["bytes"] = [len(text)]
    times["journal's bytes"] = [sum(map(len, entries.values())) - len(text)] if entries else [0]
    return times


def opening_of(name: str, layout: str, entries: dict[str, str]) -> Callable[[], float]:
    """A sample: opens what `entries` hold and reads a leaf, and puts everything away again."""

    def sample() -> float:
        for key, text in entries.items():
            sessionStorage.setItem(key, text)
        start = perf_counter()
        state = session(name, layout=layout)
        _ = state.records[500].price
        passed = perf_counter() - start
        session.leave(state)
        for key in stored(f"anchor-session://{name}@1.0.0"):
            sessionStorage.removeItem(key)
        return passed * 1e6

    return sample


def longest_journal(text: str) -> dict[str, str]:
    """The entries of a state whose journal would be folded with the next change or soon after.

    No other task runs meanwhile: the page is never idle.
    """
    key = "anchor-session://bench-replay@1.0.0"
    sessionStorage.setItem(key, text)
    state = session("bench-replay", layout="journal")
    best: dict[str, str] = {}
    for number in range(100_000):
        state.records[number * 7 % COUNT].price = number + 0.75
        if number % 8:
            continue
        found = stored(key)
        size = sum(map(len, found.values()))
        if size < sum(map(len, best.values())):
            break
        best = found
    session.leave(state)
    for each in stored(key):
        sessionStorage.removeItem(each)
    return best
