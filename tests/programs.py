"""Random programs: statements that run alike on a view and on the plain container it stands for."""

import builtins
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from anchor_session import ListView, snapshot
from tests.support import typed
from tests.values import keys, storable

Statement = Callable[[Any], Any]
"""Changes the container it is given, a plain one or a view."""

_indexes = st.integers(-4, 4)
_bounds = st.none() | _indexes
_slices = st.builds(slice, _bounds, _bounds, st.sampled_from([None, 1, 2, -1, -2]))
_lists = st.lists(storable, max_size=3)
_members = st.none() | st.text("abc", max_size=1)  # equal ones are the same: no 1 and True
_member_sets = st.sets(_members, max_size=3)


def call(name: str, *arguments: "st.SearchStrategy[Any]", **named: Any) -> "st.SearchStrategy[Any]":
    """Statements that call the method with drawn arguments, of which each run gets copies."""

    def statement(drawn: "tuple[Any, ...]") -> Statement:
        def run(container: Any) -> Any:
            return getattr(container, name)(*deepcopy(drawn), **named)

        run.__qualname__ = f"{name}{drawn!r}"
        return run

    return st.tuples(*arguments).map(statement)


def moved(items: "list[Any]", old: int, new: int) -> "list[Any]":
    """The items in the order that moving one of them gives."""
    found = items.copy()
    count = len(found)
    if not (-count <= old < count and -count <= new < count):
        raise IndexError
    item = found.pop(old)
    found.insert(new % count, item)
    return found


def _moving(drawn: "tuple[int, int]") -> Statement:
    """A list has no such method. That equal containers change places is told, so here they do not."""

    def run(container: Any) -> Any:
        if not isinstance(container, ListView):
            container[:] = moved(container, *drawn)
            return
        items = snapshot(container)
        try:
            changes = typed(moved(items, *drawn)) != typed(items)
        except IndexError:
            changes = True
        if changes:
            container.move(*drawn)

    run.__qualname__ = f"move{drawn!r}"
    return run


def size(item: Any) -> int:
    """A key to sort by that does not depend on the order of a set."""
    return len(repr(item))


_small_keys = st.sampled_from(["a", "b", "c"]) | keys
_maps = st.dictionaries(_small_keys, storable, max_size=3)

STATEMENTS: "dict[type, st.SearchStrategy[Statement]]" = {
    dict: (
        call("__setitem__", _small_keys, storable)
        | call("__delitem__", _small_keys)
        | call("pop", _small_keys)
        | call("pop", _small_keys, st.none())
        | call("popitem")
        | call("setdefault", _small_keys, storable)
        | call("update", _maps)
        | call("__ior__", _maps)
        | call("clear")
    ),
    list: (
        call("__setitem__", _indexes, storable)
        | call("__setitem__", _slices, _lists)
        | call("__delitem__", _indexes)
        | call("__delitem__", _slices)
        | call("append", storable)
        | call("extend", _lists)
        | call("insert", _indexes, storable)
        | call("pop")
        | call("pop", _indexes)
        | call("remove", storable)
        | call("reverse")
        | call("sort", key=size)
        | call("sort", key=size, reverse=True)
        | call("clear")
        | st.tuples(_indexes, _indexes).map(_moving)
        | call("__iadd__", _lists)
        | call("__imul__", st.integers(-1, 3))
    ),
    set: (
        call("add", _members)
        | call("discard", _members)
        | call("remove", _members)
        | call("update", _member_sets, _member_sets)
        | call("difference_update", _member_sets)
        | call("intersection_update", _member_sets)
        | call("symmetric_difference_update", _member_sets)
        | call("clear")
        | call("__ior__", _member_sets)
        | call("__iand__", _member_sets)
        | call("__isub__", _member_sets)
        | call("__ixor__", _member_sets)
    ),
}


def paths(value: Any, path: "tuple[Any, ...]" = ()) -> "list[tuple[Any, ...]]":
    """Where the containers are, the outermost first."""
    if type(value) not in STATEMENTS:
        return []
    found = [path]
    if type(value) is not set:
        for key, item in value.items() if type(value) is dict else enumerate(value):
            found += paths(item, (*path, key))
    return found


def at(value: Any, path: "tuple[Any, ...]") -> Any:
    """The part at the path, of plain data or of a view."""
    for key in path:
        value = value[key]
    return value


class Step:
    """One drawn statement at one place."""

    def __init__(self, path: "tuple[Any, ...]", statement: Statement) -> None:
        self.path = path
        self.statement = statement

    def __repr__(self) -> str:
        return f"{self.path}: {self.statement.__qualname__}"

    def run(self, state: Any) -> "type[Exception] | None":
        """Run it; the class of the error, if any."""
        try:
            self.statement(at(state, self.path))
        except (LookupError, ValueError, TypeError) as error:
            return builtin_class(error)
        return None

    def on(self, model: Any) -> "tuple[type[Exception] | None, Any]":
        """The class of the error, if any, and the model as it is after; a statement does all or nothing."""
        changed = deepcopy(model)
        error = self.run(changed)
        return error, unshared(changed) if error is None else model

    def after(self, model: Any) -> Any:
        """The model as it is after the statement."""
        return self.on(model)[1]


def unshared(value: Any) -> Any:
    """A copy in which no container is there twice, as after ``items *= 2``: a state stores copies."""
    if type(value) is dict:
        return {key: unshared(item) for key, item in value.items()}
    return [unshared(item) for item in value] if type(value) is list else deepcopy(value)


def builtin_class(error: Exception) -> "type[Exception]":
    """The class of the builtin's error that an error is."""
    return next(kind for kind in type(error).__mro__ if kind in vars(builtins).values())


def draw_step(data: "st.DataObject", model: Any) -> Step:
    """A statement that fits the model."""
    path = data.draw(st.sampled_from(paths(model)))
    statement = data.draw(STATEMENTS[type(at(model, path))])
    return Step(path, statement)
