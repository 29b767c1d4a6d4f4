"""Plain data: copies that share nothing with a state."""

from .threads import whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


MISSING: "Any" = object()
"""Stands for the value of a key that is not there."""

CONTAINERS = (dict, list, set)
"""The types of what a view can be of."""


def copy_plain(value: "Any") -> "Any":
    """A deep copy of data that is already known to be storable."""
    kind = type(value)
    if kind is dict:
        return {key: copy_plain(item) for key, item in value.items()}
    if kind is list:
        return [copy_plain(item) for item in value]
    if kind is set:
        return set(value)
    return value


def find_member(members: "set[Any]", value: "Any") -> "Any":
    """The member that a value finds: 1, 1.0 and True find each other, a set its frozen equal."""
    if type(value) is str:
        return value
    return next(member for member in members if member is value or member == value)


@whole
def snapshot(view: "Any") -> "Any":
    """The data of a view as plain `dict`, `list` and `set`, detached from the state.

    Of a typed view, an instance of its class. ``json.dumps(state, default=snapshot)`` works for untyped
    ones. Raises `TypeError` for what is not a view.
    """
    kind = type(view)
    plain = getattr(kind, "__anchor_snapshot__", None) or getattr(kind, "__anchor_plain__", None)
    if plain is None:
        raise TypeError(f"snapshot() takes a state or a part of one, not {type(view).__name__}")
    return copy_plain(plain(view))
