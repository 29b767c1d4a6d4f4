"""The tables of the package alone, each beside what it is compared with."""

from collections.abc import Iterator

from .figures import Run, Times, number, spread, table

TITLES = {
    "small": "One change of a state of 60 bytes",
    "batches": "A set in a batch of 1000, in one map",
    "equals": "An equal set",
    "reads": "Reading outside effects",
    "opening": "Opening 58 KB, 1000 records",
    "worker": "In a PyScript worker",
}
READS = "Walking and summing go over 1000 records; the sum reads a number of each."
WORKER = "The storage is the page's, and each call goes there and back."


def sections(run: Run) -> Iterator[str]:
    for name, title in TITLES.items():
        times: Times = {
            each: samples for each, samples in run.raw[name].items() if "bytes" not in each
        }
        yield f"### {title}\n"
        if name == "reads":
            yield READS + "\n"
        if name == "worker":
            yield WORKER + "\n"
        if name == "opening" and (journal := run.raw[name]["journal's bytes"][0]):
            yield f"The journal is {journal:,.0f} bytes beside {run.raw[name]['bytes'][0]:,.0f}.\n"
        yield table(["", "time"], ([each, spread(samples)] for each, samples in times.items()))
    yield "### Calls of `setItem`\n"
    yield table(["", "calls"], ([each, str(calls)] for each, calls in run.raw["calls"].items()))
    yield from effects(run)
    yield from startup(run)


def effects(run: Run) -> Iterator[str]:
    """As differences where a library's own set has another cost."""
    found = {name: run.median("effects", name) or 0.0 for name in run.raw["effects"]}
    ours = found["view with effect"] - found["view alone"]
    observ = found["observ with effect"] - found["observ alone"]
    pairs = [
        (
            "set a signal that one effect follows",
            found["signal"],
            "reaktiv",
            found["reaktiv signal"],
        ),
        ("what one effect adds to a set in a map", ours, "observ", observ),
    ]
    yield "### Effects\n"
    yield table(
        ["", "anchor_session", "beside it", "ratio"],
        (
            [what, f"{number(mine)} µs", f"{name} {number(theirs)} µs", f"{number(mine / theirs)}×"]
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
    rows = [[title, spread(milliseconds(run.raw["start"][name]))] for name, title in steps.items()]
    for name in ("with", "without"):
        title = f"PyScript page ready, {name} the package" + (
            " and a state" if name == "with" else ""
        )
        rows.append([title, spread(milliseconds(run.raw["ready"][name]))])
    rows.append(["the wheel", f"{run.raw['wheel'] / 1000:.1f} KB"])
    yield table(["", "time"], rows)


def milliseconds(samples: list[float]) -> list[float]:
    """The samples in microseconds."""
    return [each * 1e3 for each in samples]
