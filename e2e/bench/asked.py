"""The figures that the package is to reach, and what was measured."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from .figures import Cell, Run, number, time
from .inside.data import AUTO, DOCUMENT, FULL, OURS

LEAST = {
    DOCUMENT: {"10 KB": 1.3, "100 KB": 4, "1 MB": 1.6},
    AUTO: {"10 KB": 1.7, "100 KB": 25, "1 MB": 500},
}


class Row(NamedTuple):
    what: str
    asked: str
    measured: str
    is_reached: bool


def rows(run: Run) -> Iterator[Row]:
    """Those that this run has measured."""
    for layout in reversed(OURS):
        yield from leaf(run, layout)
    yield from sizes(run)
    for layout in OURS:
        yield from alone(run, layout)
    yield from opening(run)
    yield from reading(run)
    yield from startup(run)
    yield from worker(run)


def leaf(run: Run, layout: str) -> Iterator[Row]:
    """Setting one leaf, by size; a figure is reached when it is in every shape."""
    name = OURS[layout]
    what = f'`"{layout}"`, one leaf, '
    yield from by_shape(
        run,
        name,
        "1 KB",
        what + "1 KB, against a bound `setItem` of the same text",
        lambda cell: cell.median(name) / cell.median(FULL),
        at_most=2,
    )
    for size, least in LEAST[name].items():
        yield from by_shape(
            run,
            name,
            size,
            what + f"{size}, times as fast as the fastest library",
            lambda cell: cell.times_as_fast(name, cell.fastest()),
            at_least=least,
            note=lambda cell: f" ({cell.fastest()})",
        )


def by_shape(
    run: Run,
    name: str,
    size: str,
    what: str,
    ratio: Callable[[Cell], float],
    *,
    at_most: float | None = None,
    at_least: float | None = None,
    note: Callable[[Cell], str] = lambda cell: "",
) -> Iterator[Row]:
    cells = {shape: cell for shape, cell in run.shapes(size, "set").items() if name in cell.times}
    if not cells:
        return
    found = {shape: ratio(cell) for shape, cell in cells.items()}
    measured = ", ".join(f"{shape} {number(found[shape])}×{note(cells[shape])}" for shape in cells)
    if at_most is not None:
        yield Row(what, f"at most {at_most:g}×", measured, max(found.values()) <= at_most)
    if at_least is not None:
        yield Row(what, f"at least {at_least:g}×", measured, min(found.values()) >= at_least)


def sizes(run: Run) -> Iterator[Row]:
    large, small = run.shapes("1 MB", "set"), run.shapes("10 KB", "set")
    found = {
        shape: large[shape].median(AUTO) / small[shape].median(AUTO)
        for shape in large
        if shape in small
    }
    if not found:
        return
    measured = ", ".join(f"{shape} {number(ratio)}×" for shape, ratio in found.items())
    yield Row(
        '`"auto"`, one leaf, 1 MB against 10 KB',
        "at most 1.5×",
        measured,
        max(found.values()) <= 1.5,
    )


def alone(run: Run, layout: str) -> Iterator[Row]:
    """What one layout does, beside nobody."""
    name = f'`"{layout}"`, '
    if (small := run.median("small", layout)) and (floor := run.median("small", "setItem")):
        what = name + "one change of 60 bytes, against a bound `setItem` of the same text"
        yield most(what, small / floor, 3, "×")
    calls: dict[str, int] = run.raw["calls"]
    if batched := run.median("batches", layout):
        writes = calls[f"{layout}, a batch of 1000 sets"]
        yield Row(
            name + "1000 sets in one batch",
            "at most 5 µs a set, 1 write",
            f"{number(batched)} µs, {writes} {'write' if writes == 1 else 'writes'}",
            batched <= 5 and writes == 1,
        )
    if equal := run.median("equals", f"{layout}, a number"):
        writes = calls[f"{layout}, an equal set"]
        yield Row(
            name + "an equal set",
            "at most 2 µs, no write",
            f"{number(equal)} µs, {writes or 'no'} {'write' if writes == 1 else 'writes'}",
            equal <= 2 and not writes,
        )


def opening(run: Run) -> Iterator[Row]:
    times = {layout: found for layout in OURS if (found := run.median("opening", layout))}
    for layout, found in times.items():
        what = f'`"{layout}"`, opening 58 KB, 1000 records'
        yield Row(what, "at most 5 ms", time(found), found <= 5000)
    if replay := run.median("opening", "journal"):
        what = "the same with the longest journal, against without one"
        yield most(what, replay / min(times.values()), 3, "×")


def reading(run: Run) -> Iterator[Row]:
    for expression in ("`view['price']`", "`view.price`"):
        if key := run.median("reads", expression):
            yield most(f"reading a key of a view, {expression}", key, 0.4, " µs")
    view, plain = run.median("reads", "walk over a view"), run.median("reads", "walk over a list")
    if view and plain:
        yield most("walking over 1000 records, against a plain list", view / plain, 5, "×")


def startup(run: Run) -> Iterator[Row]:
    steps = {name: run.median("start", name) or 0.0 for name in run.raw["start"]}
    yield most("`import anchor_session`", steps["module"], 40, " ms")
    imported = steps["module"] + steps["session"]
    yield most("the same, and its `session`, which is imported then", imported, 40, " ms")
    yield most("unpacking, importing and opening 10 KB", sum(steps.values()), 80, " ms")
    yield most("the wheel", run.raw["wheel"] / 1000, 60, " KB")


def worker(run: Run) -> Iterator[Row]:
    for size, floor in {"1 KB": "setItem, 1 KB", "100 KB": "setItem, 60 bytes"}.items():
        ours, bare = run.median("worker", f"change, {size}"), run.median("worker", floor)
        if ours and bare:
            text = "the same text" if size in floor else "60 bytes"
            what = f'`"auto"` in a worker, one leaf, {size}, against a bound `setItem` of {text}'
            yield most(what, ours / bare, 1.3, "×")


def most(what: str, value: float, limit: float, unit: str) -> Row:
    return Row(what, f"at most {limit:g}{unit}", number(value) + unit, value <= limit)
