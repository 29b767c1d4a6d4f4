"""The tables of the package alone, each beside what it is compared with."""

from collections.abc import Iterator
from statistics import median

from .figures import Run, number, spread, table
from .inside.sampling import Times
from .sharing import FLOOD

SIZES = ("1 KB", "10 KB", "100 KB")
LAYOUTS = ("auto", "document")

TITLES = {
    "small": "One change of a state of 60 bytes",
    "batches": "A set in a batch of 1000, in one map",
    "equals": "An equal set",
    "reads": "Reading outside effects",
    "opening": "Opening 58 KB, 1000 records",
    "folding": "Leaving",
    "worker": "In a PyScript worker",
}
NOTES = {
    "reads": "Walking and summing go over 1000 records; the sum reads a number of each.",
    "folding": "What `leave` takes after one change, by size: it folds a journal, as an idle page does.",
    "worker": "The storage is the page's, and each call goes there and back.",
}


def sections(run: Run) -> Iterator[str]:
    for name, title in TITLES.items():
        times: Times = run.raw[name]
        yield f"### {title}\n"
        if name in NOTES:
            yield NOTES[name] + "\n"
        if name == "opening" and (journal := run.raw["bytes"]["journal"]):
            yield f"The journal is {journal:,} bytes beside {run.raw['bytes']['document']:,}.\n"
        yield table(["", "time"], ([each, spread(samples)] for each, samples in times.items()))
    yield "### Calls of `setItem`\n"
    yield table(["", "calls"], ([each, str(calls)] for each, calls in run.raw["calls"].items()))
    yield from effects(run)
    yield from tabs(run)
    yield from startup(run)


def effects(run: Run) -> Iterator[str]:
    """As differences where a library's own set has another cost."""
    times: Times = run.raw["effects"]

    def added(name: str) -> list[float]:
        return [a - b for a, b in zip(times[f"{name} with effect"], times[f"{name} alone"])]

    pairs = [
        (
            "set a signal that one effect follows",
            times["signal"],
            "reaktiv",
            times["reaktiv signal"],
        ),
        ("what one effect adds to a set in a map", added("view"), "observ", added("observ")),
    ]
    yield "### Effects\n"
    yield table(
        ["", "anchor_session", "beside it", "ratio"],
        (
            [
                what,
                spread(mine),
                f"{name} {spread(theirs)}",
                f"{number(median(mine) / median(theirs))}×",
            ]
            for what, mine, name, theirs in pairs
        ),
    )


def tabs(run: Run) -> Iterator[str]:
    """A state of `shared()`, which two tabs have open."""
    changes: Times = run.raw["tabs"]["changes"]
    yield "### Two tabs\n"
    yield (
        "One leaf of a state of `shared()` set, which another tab has open too, beside a bound"
        " `localStorage.setItem` of the whole text. The other tab takes the changes over meanwhile.\n"
    )
    floor = {size: changes[f"setItem, {size}"] for size in SIZES}
    yield table(
        ["", *SIZES],
        [
            ["setItem, whole text", *(spread(floor[size]) for size in SIZES)],
            *(
                row
                for layout in LAYOUTS
                for row in (
                    [f'`"{layout}"`', *(spread(changes[f"{layout}, {size}"]) for size in SIZES)],
                    [
                        f'*`"{layout}"`: against that setItem*',
                        *(
                            f"{number(median(changes[f'{layout}, {size}']) / median(floor[size]))}×"
                            for size in SIZES
                        ),
                    ],
                )
            ),
        ],
    )
    flood: Times = run.raw["tabs"]["flood"]
    yield (
        f"One tab makes {FLOOD:,} changes in one task. What the other one is told at once it takes over in"
        " one call into Python; between the calls its own timers run.\n"
    )
    yield table(
        ["in the other tab", ""],
        [
            ["storage events", f"{median(flood['events']):,.0f}"],
            ["keys that it looked at", f"{median(flood['keys']):,.0f}"],
            ["adoptions", f"{median(flood['adoptions']):,.0f}"],
            [
                "from the last statement until its change is there",
                spread(microseconds(flood["settle"])),
            ],
            ["longest gap of a `setTimeout(0)`", spread(microseconds(flood["gap"]))],
            ["a change, in the tab that makes them", spread(flood["change"])],
        ],
    )


def startup(run: Run) -> Iterator[str]:
    steps = {
        "unpack": "unpack the wheel",
        "module": "`import anchor_session`",
        "session": "`from anchor_session import session` after that",
        "open": "open a state of 10 KB and read a leaf",
    }
    yield "### Starting\n"
    yield "In one page each time, with a fresh interpreter.\n"
    rows = [[title, spread(microseconds(run.raw["start"][name]))] for name, title in steps.items()]
    for name in ("with", "without"):
        title = f"PyScript page ready, {name} the package" + (
            " and a state" if name == "with" else ""
        )
        rows.append([title, spread(microseconds(run.raw["ready"][name]))])
    rows.append(["the wheel", f"{run.raw['wheel'] / 1000:.1f} KB"])
    yield table(["", "time"], rows)


def microseconds(milliseconds: list[float]) -> list[float]:
    return [each * 1e3 for each in milliseconds]
