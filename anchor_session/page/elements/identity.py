"""Which item is the same as one before, though it stands elsewhere.

A container of a state is the same by its view, a scalar by its value, the second of two equal ones as the
second. A `key` says otherwise. Nothing that is read here is tracked.
"""

from ...codec import encode, same
from ...errors import UnstorableValueError, with_article
from ...reactive.plain import CONTAINERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from typing import Any

    Identify = Callable[[list[Any]], list[Hashable]]


def identify(key: "Any") -> "Identify":
    """The function that gives each of some items what it is known by; two of them never have the same.

    It raises `TypeError` for what can be told apart by a key alone, `ValueError` for two equal keys.
    """
    if key is None:
        return _counted
    if type(key) is str:
        return lambda items: _keyed(items, lambda item: _named(item, key))
    if callable(key):
        return lambda items: _keyed(items, key)
    raise TypeError(f"key= takes a name or a function, not {type(key).__name__}")


def is_same_item(one: "Any", other: "Any") -> bool:
    """Whether what was made of one still shows the other, which is known by the same key."""
    if one is other:
        return True
    kind = type(one)
    if kind is not type(other) or _is_view(kind):
        return False
    if kind is tuple or kind is list:
        return len(one) == len(other) and all(map(is_same_item, one, other))
    if kind is dict:
        return list(one) == list(other) and all(map(is_same_item, one.values(), other.values()))
    return same(one, other) or bool(one == other)


def shown(item: "Any") -> str:
    """The item in a message."""
    text = repr(item)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _counted(items: "list[Any]") -> "list[Hashable]":
    found: list[Hashable] = []
    counts: dict[Hashable, int] = {}
    for number, item in enumerate(items):
        try:
            identity = _identity(item)
        except TypeError:
            raise TypeError(
                f"each() cannot tell whether item {number} was there before: it is a plain "
                f"{type(item).__name__}, made anew each time; say what it is known by: "
                f'key="id", or key= and a function ({shown(item)})'
            ) from None
        count = counts.get(identity, 0)
        counts[identity] = count + 1
        found.append((identity, count) if count else identity)
    return found


def _keyed(items: "list[Any]", key: "Callable[[Any], Any]") -> "list[Hashable]":
    found: list[Hashable] = []
    numbers: dict[Hashable, int] = {}
    for number, item in enumerate(items):
        value = key(item)
        try:
            identity = _identity(value)
        except TypeError:
            raise TypeError(
                f"the key of an item is text or a number, not {with_article(type(value).__name__)} "
                f"(item {number}: {shown(item)})"
            ) from None
        other = numbers.setdefault(identity, number)
        if other != number:
            raise ValueError(
                f"items {other} and {number} have the same key {value!r}: "
                f"{shown(items[other])} and {shown(item)}; a key names one item alone"
            )
        found.append(identity)
    return found


def _named(item: "Any", name: str) -> "Any":
    try:
        return item[name] if hasattr(type(item), "__getitem__") else getattr(item, name)
    except (LookupError, AttributeError, TypeError) as error:
        raise KeyError(f"an item has no {name!r}, which key= names: {shown(item)}") from error


def _identity(value: "Any") -> "Hashable":
    """Raises `TypeError` for what has none."""
    kind = type(value)
    if _is_view(kind):
        return (None, id(value))  # whoever keeps it keeps the view too
    if kind is str or kind is int or kind is bool:
        return (kind, value)
    if kind in CONTAINERS:
        raise TypeError
    try:
        return (kind, encode(value))
    except UnstorableValueError:
        hash(value)
        return (kind, value)


def _is_view(kind: type) -> bool:
    return hasattr(kind, "__anchor_plain__")
