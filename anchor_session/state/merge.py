"""How a partial becomes part of a state: maps merge one level deep, everything else replaces."""

from ..codec import as_stored
from ..reactive.graph import untracked
from ..reactive.map_view import MapData, MapView
from ..reactive.plain import copy_plain, snapshot
from ..reactive.view import Root, View

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..typed.schema import Schema

    Equality = Callable[[Any, Any], bool]
    Change = tuple[str, Any, bool]  # the key, its value, and whether a map replaces a map


def part(view: "Any", key: str) -> "Any":
    """The value of a key of the state, a container as a view."""
    return view[key] if isinstance(view, MapView) else getattr(view, key)


def plain(value: "Any") -> "Any":
    """A value of the state as one that changes nothing there."""
    return snapshot(value) if isinstance(value, View) else value


def comparable(value: "Any") -> "Any":
    """A value of the state as data that encodes, an instance of a class too: equal is what encodes equal."""
    return copy_plain(value.__anchor_plain__()) if isinstance(value, View) else value


def detached(value: "Any", key: str, *, is_typed: bool) -> "Any":
    """The value as it is now, whatever its owner does with it before it is assigned.

    Raises `UnstorableValueError` in a state without a class of its own; another checks when it is assigned.
    """
    if not is_typed:
        return as_stored(value, (key,))
    from copy import deepcopy

    return deepcopy(value)


def assign(view: "Any", change: "Change", equality: "Equality | None") -> None:
    """Make the change, unless what comes of it is equal to what is there."""
    key, value, replaces = change
    present = untracked(lambda: part(view, key))  # who writes depends on nothing
    merges = not replaces and isinstance(present, MapData) and isinstance(value, (dict, MapView))
    if equality is not None:
        old, new = untracked(lambda: (plain(present), plain(present)))
        if equality(old, _merged(new, value) if merges else plain(value)):
            return
    if merges:
        _merge(present, value)
    elif isinstance(view, MapView):
        view[key] = value
    else:
        setattr(view, key, value)


def joined(earlier: "list[Change]", later: "list[Change]") -> "list[Change]":
    """One change a key, which does what all of them do in turn."""
    found = {key: (value, replaces) for key, value, replaces in earlier}
    for key, value, replaces in later:
        if not replaces and type(value) is dict and key in found:
            before, replaced = found[key]
            is_map = type(before) is dict
            found[key] = (before | value, replaced) if is_map else (value, True)
        else:
            found[key] = (value, replaces)
    return [(key, value, replaces) for key, (value, replaces) in found.items()]


def remove(view: "Any", key: str) -> None:
    """Remove a key that the state has from its record, and does not know."""
    MapView.__delitem__(view, key)


def _merge(target: "Any", items: "Any") -> None:
    for key, value in items.items():
        if isinstance(target, MapView):
            target[key] = value
        else:
            setattr(target, key, value)


def _merged(old: "Any", items: "Any") -> "Any":
    if isinstance(old, dict):
        old.update(items)
    else:
        for key, value in items.items():
            setattr(old, key, value)
    return old


def view_of(data: "dict[str, Any]", schema: "Schema | None") -> "Any":
    """A view of data that is a state of its own, which nobody stores."""
    root = Root()
    if schema is None:
        root.view = MapView(data, root)
    else:
        root.view = schema.view(data, root)
        root.check = schema.check
    return root.view
