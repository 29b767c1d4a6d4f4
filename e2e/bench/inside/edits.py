"""Changes of plain data or of a state: `(kind, path, value)`, as `peers/edits.js` knows them too.

A change is a list of edits that belong together; there is a list of changes for each operation.
"""

from collections.abc import Callable
from functools import cache
from string import ascii_lowercase
from typing import Any

from .data import Path, build, growing, place, price, record

Edit = tuple[str, Path, Any]
Change = list[Edit]

OPERATIONS = {
    "set": "Set a leaf",
    "equal": "Set a leaf to what it is",
    "append": "Append a record",
    "delete": "Delete the last record",
    "front": "Insert a record at the front",
    "batch": "1000 leaves in one batch",
    "open": "Open a fresh store from the stored text, and read a leaf",
}
BATCH = 1000
PLACES = 64  # so many records take turns


# As a user writes them. The functions that hold them are compiled once for all places alike, as those of an
# application are; the keys of records and their numbers are arguments, and so is the value.
STATEMENTS = {
    "put": "{} = value",
    "delete": "del {}",
    "push": "{}.append(value)",
    "pop": "{}.pop()",
    "unshift": "{}.insert(0, value)",
    "shift": "del {}[0]",
}
FIELDS = ("records", "children", "price", "new")  # the keys that a statement names
Call = tuple[Callable[..., None], tuple[Any, ...]]


@cache
def statement(kind: str, *steps: str | None) -> Callable[..., None]:
    """Like `def change(state, value, a): state["records"][a]["price"] = value`, where a step is None."""
    letters = iter(ascii_lowercase)
    names = [repr(step) if step else next(letters) for step in steps]
    place = "state" + "".join(f"[{name}]" for name in names)
    arguments = ", ".join(["state", "value", *(name for name in names if name.isalpha())])
    found: dict[str, Callable[..., None]] = {}
    exec(f"def change({arguments}): {STATEMENTS[kind].format(place)}", found)
    return found["change"]


def calls(root: Any, change: Change) -> list[Call]:
    """The functions to call for a change of `root`, with their arguments."""
    found = []
    for kind, path, value in change:
        steps = [step if step in FIELDS else None for step in path]
        keys = [step for step in path if step not in FIELDS]
        found.append((statement(kind, *steps), (root, value, *keys)))
    return found


def apply(root: Any, change: Change) -> None:
    for do, given in calls(root, change):
        do(*given)


def changes(operation: str, shape: str, count: int, start: int, times: int) -> list[Change]:
    """`times` changes of a state of `count` records; `start` is larger than in all calls before."""
    if operation == "batch":
        return [
            [_set(shape, count, BATCH, i, count + n * BATCH + i) for i in range(BATCH)]
            for n in range(start, start + times)
        ]
    numbers = range(start, start + times)
    if operation == "set":
        return [[_set(shape, count, PLACES, n, count + n)] for n in numbers]
    if operation == "equal":
        return [[_set(shape, count, PLACES, n, _number(count, PLACES, n))] for n in numbers]
    return [[_resize(operation, shape, count, count + n)] for n in numbers]


def undos(operation: str, shape: str, count: int, times: int) -> list[Change]:
    """What takes back such changes and leaves the state as large as it was; none where it is anyway."""
    where = growing(shape, count)
    if operation == "append":
        edit: Edit = ("delete", [*where, "new"], None) if shape == "map" else ("pop", where, None)
    elif operation == "delete":
        last = record(count - 1)
        if shape == "map":
            edit = ("put", place(shape, count - 1), last)
        else:
            edit = ("push", where, {**last, "children": []} if shape == "tree" else last)
    elif operation == "front":
        edit = ("shift", where, None)
    else:
        return []
    return [[edit]] * times


def expected(shape: str, count: int, change: Change) -> Any:
    """The state after that change, by plain Python."""
    state = build(shape, count)
    apply(state, change)
    return state


def _number(count: int, places: int, turn: int) -> int:
    """The record whose turn it is: `places` of them, evenly spread."""
    places = min(places, count)
    return turn % places * (count // places)


def _set(shape: str, count: int, places: int, turn: int, value: int) -> Edit:
    return "put", [*place(shape, _number(count, places, turn)), "price"], price(value)


def _resize(operation: str, shape: str, count: int, number: int) -> Edit:
    where = growing(shape, count)
    if operation == "delete":
        return ("delete", place(shape, count - 1), None) if shape == "map" else ("pop", where, None)
    added = record(number)
    if shape == "tree":
        added["children"] = []
    if operation == "front":
        return "unshift", where, added
    return ("put", [*where, "new"], added) if shape == "map" else ("push", where, added)


def has(operation: str, shape: str) -> bool:
    """Whether there is such an operation: a map has no front."""
    return (operation, shape) != ("front", "map")
