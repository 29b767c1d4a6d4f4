"""What effects and computed values read of a view: one key, what stands in it, or everything below.

A read makes a `TrackedKey`, and a change of the container finds the keys it concerns. They live as long as
their view: a computed value that nobody follows may still hold one, and has to see its version grow.
"""

from ..codec import same
from . import graph
from .graph import Source
from .plain import MISSING
from .threads import whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..codec import Path
    from .view import View

LENGTH: "Any" = object()
"""Stands, among the keys of a view, for the number of its entries."""

KEYS: "Any" = object()
"""Stands, among the keys of a map, for which they are, in their order."""

CONTENTS: "Any" = object()
"""Stands, among the keys of a view, for what stands in its container, and where; not for what lies below."""

BELOW: "Any" = object()
"""Stands, among the keys of a view, for everything in its container and below."""


class TrackedKey(Source):
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

    def place(self) -> "tuple[View, Path]":
        view, key = self._view, self._key
        path = view._last_path()
        kind = type(view._data)
        if (kind is dict and type(key) is str) or (kind is list and type(key) is int):
            path += (key,)
        top = view._root.view
        return (top if top._locked is None else top._locked), path  # as the user has it

    def equals(self, left: "Any", right: "Any") -> bool:
        # Of a container only which one it is counts: what is in it has keys of its own.
        kind = type(left)
        if kind is dict or kind is list or kind is set or left is MISSING or right is MISSING:
            return left is right
        return same(left, right)


class TrackedContents(TrackedKey):
    """All that stands in a container, or all keys of a map."""

    __slots__ = ()

    def peek(self) -> "list[Any]":
        data = self._view._data
        contents = list(data)
        if self._key is CONTENTS and type(data) is dict:
            contents += data.values()
        return contents

    def equals(self, left: "Any", right: "Any") -> bool:
        if len(left) != len(right):
            return False
        equals = super().equals
        return all(one is other or equals(one, other) for one, other in zip(left, right))


@whole
def track(view: "View", key: "Any") -> None:
    """Let the present reader depend on a key of the view, or on one of what this module has names for."""
    reader = graph.reader
    if reader is None:  # it was another thread's
        return
    if view._twin is not None:
        view = view._twin  # changes are made there
    keys = view._tracked
    if keys is None:
        keys = view._tracked = {}
    tracked = keys.get(key)
    if tracked is None:
        kind = TrackedContents if key is CONTENTS or key is KEYS else TrackedKey
        tracked = keys[key] = kind(view, key)
        if key is BELOW:
            view._root.has_deep_tracking = True
    if tracked not in reader.sources:
        reader.sources[tracked] = (tracked.version, tracked.peek())


def changed(view: "View", op: str, key: "Any", new: "Any", old: "Any") -> None:
    """Say that a container changed, to the keys that the change concerns."""
    graph.clock += 1
    if view._iterated is not None:
        view._change_iterated(op, key, new, old)
    keys = view._tracked
    if keys:
        if op == "set":
            _mark(keys, key)
            length_differs = old is MISSING
        elif op == "splice":
            for number, tracked in list(keys.items()):
                if type(number) is int and number >= key:
                    tracked.changed()
            length_differs = len(new) != len(old)
        elif op == "move":
            first, last = min(old, new), max(old, new)
            for number, tracked in list(keys.items()):
                if type(number) is int and first <= number <= last:
                    tracked.changed()
            length_differs = False
        elif op == "add" or op == "discard":
            _mark(keys, new if op == "add" else old)
            length_differs = True
        else:
            _mark(keys, key)
            length_differs = op == "delete"
        if length_differs:
            _mark(keys, LENGTH)
        if (length_differs or op == "order") and KEYS in keys:
            _mark(keys, KEYS)
        if CONTENTS in keys:
            _mark(keys, CONTENTS)
    if view._root.has_deep_tracking:
        above: View | None = view
        while above is not None:
            if above._tracked:
                _mark(above._tracked, BELOW)
            above = above._parent


def _mark(keys: "dict[Any, TrackedKey]", key: "Any") -> None:
    tracked = keys.get(key)
    if tracked is not None:  # as `changed()`, but for the clock, which `changed` has moved
        tracked.version += 1
        for target in tuple(tracked.targets):
            target.doubt()
