"""The types that JSON lacks, each with its tag: how an instance is written and read.

Reading builds only the types listed here: never a class named by the data.
"""

import sys
from binascii import a2b_base64, b2a_base64

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Tag = tuple[str, Callable[[Any], Any]]


def _text(value: "Any") -> str:
    if type(value) is not str:
        raise TypeError("not text")
    return value


def _from_text(cls: "Any", value: "Any") -> "Any":
    return cls(_text(value))


def _iso(value: "Any") -> str:
    text: str = value.isoformat()
    return text


def _from_iso(cls: "Any", value: "Any") -> "Any":
    return cls.fromisoformat(_text(value))


def _parts(value: "Any") -> "list[int]":
    return [value.days, value.seconds, value.microseconds]


def _from_parts(cls: "Any", value: "Any") -> "Any":
    days, seconds, microseconds = value
    return cls(days, seconds, microseconds)


def _base64(value: "Any") -> str:
    return b2a_base64(value, newline=False).decode()


def _from_base64(_: "Any", value: "Any") -> "Any":
    return a2b_base64(_text(value), strict_mode=True)


def _from_members(cls: "Any", value: "Any") -> "Any":
    if type(value) is not list:
        raise TypeError("not a list")
    return cls(value)


def _from_pairs(pairs: "Any") -> "dict[str, Any]":
    if type(pairs) is not list or not all(type(pair) is list for pair in pairs):
        raise TypeError("not a list of pairs")
    return {_text(key): item for key, item in pairs}


# tag: (module, class, instance to a value of JSON, that value to an instance)
_TAGS: "dict[str, tuple[str, str, Callable[[Any], Any], Callable[[Any, Any], Any]]]" = {
    "datetime": ("datetime", "datetime", _iso, _from_iso),
    "date": ("datetime", "date", _iso, _from_iso),
    "time": ("datetime", "time", _iso, _from_iso),
    "timedelta": ("datetime", "timedelta", _parts, _from_parts),
    "Decimal": ("decimal", "Decimal", str, _from_text),
    "UUID": ("uuid", "UUID", str, _from_text),
    "bytes": ("builtins", "bytes", _base64, _from_base64),
    "set": ("builtins", "set", list, _from_members),
    "frozenset": ("builtins", "frozenset", list, _from_members),
    "int": ("builtins", "int", str, _from_text),
    "float": ("builtins", "float", str, _from_text),
}


def find(kind: type) -> "Tag | None":
    """The tag for exactly this class. Its module is never imported: where there is an instance it is."""
    for tag, (module, name, to_json, _) in _TAGS.items():
        if kind.__name__ == name and getattr(sys.modules.get(module), name, None) is kind:
            return tag, to_json
    return None


def build(tag: str, value: "Any") -> "Any":
    """The instance that a tag and its value stand for.

    Raises `KeyError` for an unknown tag; `ValueError`, `TypeError` or `ArithmeticError` for a value that does
    not suit it.
    """
    if tag == "map":
        return _from_pairs(value)
    module, name, _, read = _TAGS[tag]
    return read(getattr(__import__(module), name), value)
