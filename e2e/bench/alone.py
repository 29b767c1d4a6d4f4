"""The tables of the package alone, each beside what it is compared with."""

from collections.abc import Iterator
from statistics import median

from .figures import Run, number, spread, table
from .inside.sampling import Times

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
