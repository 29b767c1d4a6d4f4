"""The text of a record: a copy of the data, checked, as the codec writes it."""

from typing import Any

from ..codec import MAX_DEPTH, adopt, encode, may_have_large
from ..errors import UnstorableValueError

_SCALARS = frozenset({str, int, float, bool, type(None)})
_PLAIN = _SCALARS | {dict, list}


def text_of(data: Any) -> str:
    """The text; raises `UnstorableValueError`, with the path, for what the codec cannot hold."""
    kinds = _kinds_in(data) if type(data) is dict else None
    if kinds is not None:
        try:
            text = encode(data)
        except ValueError:  # an integer of more digits than Python writes
            return encode(adopt(data))
        return encode(adopt(data)) if int in kinds and may_have_large(text) else text
    if isinstance(data, dict) or hasattr(type(data), "__anchor_plain__"):
        plain = adopt(data)
        if type(plain) is dict:
            return encode(plain)
    raise UnstorableValueError(f"a record is a dict, not {type(data).__name__}")


def _kinds_in(data: "dict[Any, Any]") -> "set[type] | None":
    """The types in data of which `adopt` would make an equal copy, large integers apart; None for other data.

    That is: maps with texts for keys, lists, scalars. Level by level, so that most of it runs in C: `adopt`
    takes four times as long.
    """
    maps: list[Any] = [data]
    lists: list[Any] = []
    seen: set[type] = set()
    for _ in range(MAX_DEPTH):
        items: list[Any] = []
        try:
            for each in maps:
                "".join(each)
                items += each.values()
        except TypeError:  # a key that is no text
            return None
        for each in lists:
            items += each
        kinds = set(map(type, items))
        if not kinds <= _PLAIN:
            return None
        seen |= kinds
        if kinds <= _SCALARS:
            return seen
        maps = [item for item in items if type(item) is dict] if dict in kinds else []
        lists = [item for item in items if type(item) is list] if list in kinds else []
    return None
