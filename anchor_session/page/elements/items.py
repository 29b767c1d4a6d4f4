"""Where the items of `each()` come from, read again each time: from a place in a state, or a function."""

from ...errors import with_article
from ...reactive import view as views
from ...reactive.map_view import MapData

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from ...reactive.view import View


def reader(items: "Any") -> "Callable[[], list[Any]]":
    """The function that reads the items. Raises `TypeError` for what none can be read of again."""
    if _holds_items(items):
        find = standing(items)
        return lambda: list(_listed(find()))
    if callable(items):
        return lambda: list(_listed(items()))
    raise TypeError(
        "each() takes a list or map of a state, or a function that returns items, not "
        f"{type(items).__name__}; what is plain tells nobody that it changed: write lambda: ..."
    )


def standing(view: "View") -> "Callable[[], Any]":
    """The function that reads what stands where the view stands: another one, once that is replaced.

    An item of a list has no place of its own, it is followed wherever it moves.
    """
    base = view if view._twin is None else view._twin
    is_locked = base is not view
    keys: list[Any] = []
    while isinstance(base._parent, MapData):
        keys.append(base._key)
        base = base._parent
    keys.reverse()

    def find() -> "Any":
        found: Any = base
        for key in keys:
            try:
                found = _at(found, key)
            except (LookupError, AttributeError):
                return None
        return views.lock(found) if is_locked and isinstance(found, views.View) else found

    return find


def _at(view: "Any", key: "Any") -> "Any":
    if hasattr(type(view), "__getitem__"):
        return view[key]
    return getattr(view, view._field_at(key).name)


def _holds_items(found: "Any") -> bool:
    """Whether it is a list or a map of a state."""
    kind = type(found)
    return hasattr(kind, "__anchor_plain__") and (hasattr(kind, "append") or hasattr(kind, "items"))


def _listed(found: "Any") -> "Iterable[Any]":
    if found is None:
        return ()
    kind = type(found)
    if kind is dict or (hasattr(kind, "__anchor_plain__") and hasattr(kind, "items")):
        return found.values()  # type: ignore[no-any-return]
    if kind is str or not hasattr(kind, "__iter__"):
        raise TypeError(
            f"each() shows the items of a list or a map, not of {with_article(kind.__name__)}"
        )
    return found  # type: ignore[no-any-return]
