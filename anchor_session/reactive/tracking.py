"""What effects and computed values read of a view: one key, the length, or everything below.

A read makes a `Cell`, and a change of the container finds the cells it concerns. Cells live as long as their
view: a computed value that nobody follows may still hold one, and has to see its version grow.
"""

from ..codec import same
from . import graph
from .graph import Source
from .plain import MISSING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .view import View

LENGTH: "Any" = object()
"""Key of the cell for the number of entries."""

BELOW: "Any" = object()
"""Key of the cell for everything in a container and below it."""


class Cell(Source):
    """One thing that can be read of a view."""

    __slots__ = ("_key", "_view")

    def __init__(self, view: "View", key: "Any") -> None:
        super().__init__()
        self._view = view
        self._key = key

    def peek(self) -> "Any":
        key = self._key
        if key is LENGTH:
            return len(self._view._data)
        return self.version if key is BELOW else self._view._peek(key)

    def equals(self, left: "Any", right: "Any") -> bool:
        # Of a container only which one it is counts: what is in it has cells of its own.
        kind = type(left)
        if kind is dict or kind is list or kind is set or left is MISSING or right is MISSING:
            return left is right
        return same(left, right)


def note(view: "View", key: "Any") -> None:
    """Let the present reader depend on a key of the view, on its `LENGTH` or on all that is `BELOW`."""
    if view._twin is not None:
        view = view._twin  # changes are made there
    cells = view._cells
    if cells is None:
        cells = view._cells = {}
    cell = cells.get(key)
    if cell is None:
        cell = cells[key] = Cell(view, key)
        if key is BELOW:
            view._root.has_deep_cells = True
    reader = graph.reader
    if reader is not None and cell not in reader.sources:
        reader.sources[cell] = (cell.version, cell.peek())


def touch(view: "View", op: str, key: "Any", new: "Any", old: "Any") -> None:
    """Say that a container changed, to the cells that the change concerns."""
    graph.tick()
    if view._iterated is not None:
        view._change_iterated(op, key, new, old)
    cells = view._cells
    if cells:
        if op == "splice":
            for place, cell in list(cells.items()):
                if type(place) is int and place >= key:
                    cell.changed()
            length_differs = len(new) != len(old)
        elif op == "add" or op == "discard":
            _changed(cells, new if op == "add" else old)
            length_differs = True
        else:
            _changed(cells, key)
            length_differs = new is MISSING or old is MISSING
        if length_differs:
            _changed(cells, LENGTH)
    if view._root.has_deep_cells:
        above: View | None = view
        while above is not None:
            if above._cells:
                _changed(above._cells, BELOW)
            above = above._parent


def _changed(cells: "dict[Any, Cell]", key: "Any") -> None:
    cell = cells.get(key)
    if cell is not None:  # as `changed()`, but for the clock, which `touch` has moved
        cell.version += 1
        for target in tuple(cell.targets):
            target.doubt()
