"""How a stored record and `init` become one state."""

from ..codec import as_stored
from ..reactive.plain import copy_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Data = dict[str, Any]
    Merge = str | Callable[[Data, Data], Data]


def merger(merge: "Merge") -> "Callable[[Data, Data], Data]":
    """A function of `init` and record, which it may use up; the record's order of keys comes first."""
    if callable(merge):
        return _checked(merge)
    try:
        return _MERGERS[merge]
    except (KeyError, TypeError):
        raise ValueError(
            f'merge is "shallow", "deep", "replace" or a callable, not {merge!r}'
        ) from None


def _shallow(init: "Data", stored: "Data") -> "Data":
    for key, value in init.items():
        stored.setdefault(key, value)
    return stored


def _deep(init: "Data", stored: "Data") -> "Data":
    for key, value in init.items():
        if type(value) is dict and type(stored.get(key)) is dict:
            _deep(value, stored[key])
        else:
            stored.setdefault(key, value)
    return stored


def _replace(init: "Data", stored: "Data") -> "Data":
    return stored


def _checked(merge: "Callable[[Data, Data], Data]") -> "Callable[[Data, Data], Data]":
    def merged(init: "Data", stored: "Data") -> "Data":
        result = as_stored(merge(init, copy_plain(stored)))
        if type(result) is not dict:
            raise TypeError(f"merge has to return a dict, not {type(result).__name__}")
        return result

    return merged


_MERGERS = {"shallow": _shallow, "deep": _deep, "replace": _replace}
