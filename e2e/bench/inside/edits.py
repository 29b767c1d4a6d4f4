"""Changes of plain data or of a state: `(kind, path, value)`, as `peers/edits.js` knows them too.

A change is a list of edits that belong together; there is a list of changes for each operation.
"""

from collections.abc import Callable
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


def put(node: Any, key: Any, value: Any) -> None:
    node[key] = value


def delete(node: Any, key: Any, value: Any) -> None:
    del node[key]


def push(node: Any, key: Any, value: Any) -> None:
    node[key].append(value)


def pop(node: Any, key: Any, value: Any) -> None:
    node[key].pop()


def unshift(node: Any, key: Any, value: Any) -> None:
    node[key].insert(0, value)


def shift(node: Any, key: Any, value: Any) -> None:
    del node[key][0]


KINDS: dict[str, Callable[[Any, Any, Any], None]] = {
    each.__name__: each for each in (put, delete, push, pop, unshift, shift)
}


def apply(root: Any, change: Change) -> None:
    """Do all edits of a change, which are of one kind."""
    do = KINDS[change[0][0]]
    for _, path, value in change:
        node = root
        for step in path[:-1]:
            node = node[step]
        do(node, path[-1], value)


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
