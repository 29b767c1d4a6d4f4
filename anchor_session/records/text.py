"""The text of a record: a copy of the data, checked, as the codec writes it."""

from itertools import chain
from operator import methodcaller
from typing import Any

from ..codec import MAX_DEPTH, adopt, encode, may_have_large
from ..errors import UnstorableValueError

_SCALARS = frozenset({str, int, float, bool, type(None)})
_values_of = methodcaller("values")


def text_of(data: Any) -> str:
    """The text; raises `UnstorableValueError`, with the path, for what the codec cannot hold."""
    if type(data) is dict and _is_plain(data):
        try:
            text = encode(data)
        except ValueError:  # an integer of more digits than Python writes
            return encode(adopt(data))
        return encode(adopt(data)) if may_have_large(text) else text
    if isinstance(data, dict) or hasattr(type(data), "__anchor_plain__"):
        plain = adopt(data)
        if type(plain) is dict:
            return encode(plain)
    raise UnstorableValueError(f"a record is a dict, not {type(data).__name__}")


def _is_plain(data: "dict[Any, Any]") -> bool:
    """Whether `adopt` would give an equal copy, large integers apart: maps with texts for keys, and lists.

    Level by level, so that most of it runs in C: `adopt` takes three to five times as long.
    """
    maps: list[dict[Any, Any]] = [data]
    lists: list[list[Any]] = []
    for _ in range(MAX_DEPTH):
        try:
            "".join(chain.from_iterable(maps))
        except TypeError:  # a key that is no text
            return False
        items = chain(chain.from_iterable(map(_values_of, maps)), chain.from_iterable(lists))
        rest = [item for item in items if type(item) not in _SCALARS]
        if not rest:
            return True
        maps = [item for item in rest if type(item) is dict]
        lists = [item for item in rest if type(item) is list]
        if len(maps) + len(lists) < len(rest):
            return False
    return False
