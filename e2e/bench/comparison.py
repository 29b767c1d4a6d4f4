"""The tables beside other libraries: one for each operation and shape, a column for each size."""

from collections.abc import Iterator

from .figures import Cell, Run, number, spread, table
from .inside.data import BARE, OURS, RECORDS, SHAPES
from .inside.edits import OPERATIONS

SHAPE_NAMES = {
    "map": "A map of records",
    "list": "A list of records",
    "tree": "A nested tree of records",
}
NOTES = {
    "set": "The floors are one call of `setItem` from Python, bound once, after a change in memory: "
    "what no package can go below.",
    "equal": "VueUse and valtio compare numbers before they tell anyone; the others write the same text.",
    "append": "To a map: a new key. To the tree: a child of an inner node.",
    "delete": "Of a map: its last key. Of the tree: the last child of an inner node.",
    "front": "A map has no front. In the tree: among the children of an inner node.",
    "batch": (
        "By each library's means of making one write of many changes: `batch()`, one `set`, `$patch`."
        " The times are of whole batches, of the prices of 1000 records, or of as many as there are in turn."
    ),
    "open": "valtio and the deep watchers of pinia and VueUse go through the whole state here.",
}


def sections(run: Run) -> Iterator[str]:
    for operation, title in OPERATIONS.items():
        yield f"### {title}\n"
        yield NOTES[operation] + "\n"
        for shape in SHAPES:
            cells = [cell for size in RECORDS if (cell := run.cell(size, shape, operation))]
            if cells:
                yield f"{SHAPE_NAMES[shape]}:\n"
                yield comparison(cells)


def comparison(cells: list[Cell]) -> str:
    names = list(cells[0].times)
    rows = [
        [
            mark(name, cells),
            *(spread(cell.times[name]) if name in cell.times else "" for cell in cells),
        ]
        for name in names
    ]
    rows.append(["*fastest library*", *(cell.fastest() for cell in cells)])
    for title, ours in OURS.items():
        if ours in names:
            rows.append([f"*{title}: times as fast as that*", *ratios(cells, ours, None)])
            rows.append([f"*{title}: times as fast as {BARE}*", *ratios(cells, ours, BARE)])
    return table(["", *(cell.size for cell in cells)], rows)


def ratios(cells: list[Cell], ours: str, other: str | None) -> Iterator[str]:
    for cell in cells:
        yield f"**{number(cell.times_as_fast(ours, other or cell.fastest()))}×**"


def mark(name: str, cells: list[Cell]) -> str:
    """The name, with a dagger where the text is in storage a microtask after the call."""
    return f"{name} †" if any(name in cell.late for cell in cells) else name
