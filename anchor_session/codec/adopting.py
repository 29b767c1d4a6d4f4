"""What may be stored, and a copy of it as it will come back; where a value sits that may not: `$.cart[0]`."""

import re

from ..errors import UnstorableValueError
from .reading import MAX_DEPTH
from .writing import SAFE_INTEGER, SURROGATE, describe, find_tag, note_large, quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Path = tuple[str | int, ...]

# Python refuses to read integers beyond 4300 digits (sys.set_int_max_str_digits).
_MAX_BITS = 14_000
_NAME = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)

STORED_AS_IS: "dict[type, Callable[[Any], object]]" = {
    str: str.isascii,
    int: range(-SAFE_INTEGER, SAFE_INTEGER + 1).__contains__,
    float: type,  # as true as any class: of these three all values
    bool: type,
    type(None): type,
}
"""Types whose values are stored as they are, most of them, each with a test in C of whether one is."""


def format_path(path: "Path") -> str:
    """The path as text, ``$`` first: ``$.cart.lines[0]``."""
    parts = ["$"]
    for key in path:
        if isinstance(key, int):
            parts.append(f"[{key}]")
        elif _NAME.match(key):
            parts.append(f".{key}")
        else:
            parts.append(f"[{quote(key)}]")
    return "".join(parts)


class _Refusal(Exception):
    """Carries what is wrong upwards while `trail` gathers where, innermost first."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.trail: list[str | int] = []


def as_stored(value: "Any", path: "Path" = ()) -> "Any":
    """A copy of `value` as if it had gone through storage and back.

    Tuples come out as lists; subclasses of `str`, `int`, `float`, `dict` and `list` as their base; a view
    as a copy of its data. `path` is where the value will stand. Raises `UnstorableValueError`, which names
    the place, for what the round trip would lose.
    """
    is_as_is = STORED_AS_IS.get(type(value))
    if is_as_is is not None and is_as_is(value):
        return value
    try:
        return _stored(value, len(path) + 1)
    except _Refusal as refusal:
        raise _unstorable(refusal, path) from None


def as_stored_key(key: "Any", path: "Path") -> str:
    """A key for the map at `path`, as plain `str`; anything but text raises `UnstorableValueError`."""
    if type(key) is str and key.isascii():
        return key
    try:
        return _stored_key(key)
    except _Refusal as refusal:
        raise _unstorable(refusal, path) from None


def as_stored_member(value: "Any", path: "Path") -> "Any":
    """A member for the set at `path`; what a set in JSON could not give back raises."""
    try:
        return _stored_member(value, len(path) + 1)
    except _Refusal as refusal:
        raise _unstorable(refusal, path) from None


def _unstorable(refusal: _Refusal, path: "Path") -> UnstorableValueError:
    where = format_path(path + tuple(reversed(refusal.trail)))
    return UnstorableValueError(
        f"cannot store {refusal.what} at `{_shorten(where)}`; {refusal.remedy}", path=where
    )


def _stored(value: "Any", depth: int) -> "Any":
    kind = type(value)
    if kind is str:
        return value if value.isascii() else _pair_surrogates(value)
    if value is None or kind is bool or kind is float:
        return value
    if kind is int:
        if not -SAFE_INTEGER <= value <= SAFE_INTEGER:
            if value.bit_length() > _MAX_BITS:
                raise _Refusal("an integer of more than 4200 digits", "store it as text")
            note_large()
        return value
    if isinstance(value, dict):
        _check_depth(depth)
        copy = {}
        for key, item in value.items():
            name = _stored_key(key)
            try:
                copy[name] = _stored(item, depth + 1)
            except _Refusal as refusal:
                refusal.trail.append(name)
                raise
        return copy
    if isinstance(value, (list, tuple)):
        _check_depth(depth)
        items: list[Any] = []
        try:
            for item in value:
                items.append(_stored(item, depth + 1))  # noqa: PERF401 - the index of a refused item
        except _Refusal as refusal:
            refusal.trail.append(len(items))
            raise
        return items
    if isinstance(value, (set, frozenset)):
        _check_depth(depth)
        base = set if isinstance(value, set) else frozenset
        return base([_stored_member(item, depth + 1) for item in value])
    return _stored_other(value, kind, depth)


def _stored_other(value: "Any", kind: type, depth: int) -> "Any":
    plain = getattr(kind, "__anchor_plain__", None)
    if plain is not None:
        return _stored(plain(value), depth)
    if isinstance(value, str):
        return _stored(str.__str__(value), depth)
    if isinstance(value, int):
        return _stored(int.__int__(value), depth)
    if isinstance(value, float):
        return float.__float__(value)
    tag = find_tag(kind)
    if tag is None:
        raise _Refusal(describe(value), _remedy(value, kind))
    if kind.__module__ == "datetime" and tag[0] in ("datetime", "time"):
        if value.tzinfo is not None and value.utcoffset() is None:
            raise _Refusal("a time whose zone has no offset of its own", "store a datetime instead")
        plain = kind.fromisoformat(value.isoformat())  # type: ignore[attr-defined]
        if plain.utcoffset() != value.utcoffset():  # CPython reads less than a second as none
            raise _Refusal(
                "a time whose zone is less than a second away from UTC", "round its offset"
            )
        return plain
    return value


def _stored_key(key: "Any") -> str:
    if type(key) is str:
        return key if key.isascii() else _pair_surrogates(key)
    if isinstance(key, str):
        return _stored_key(str.__str__(key))
    raise _Refusal(f"a map with the key {_shorten(repr(key))}", "keys must be text (str)")


def _stored_member(value: "Any", depth: int) -> "Any":
    if isinstance(value, (tuple, list, dict, set)):
        raise _Refusal(
            f"a set that holds {describe(value)}", "use a list, or members that JSON can give back"
        )
    return _stored(value, depth)


def _check_depth(depth: int) -> None:
    if depth <= MAX_DEPTH:
        return
    raise _Refusal(
        f"containers nested deeper than {MAX_DEPTH} levels",
        "flatten the data; if it contains itself, store an id in place of the reference",
    )


def _pair_surrogates(text: str) -> str:
    """Two surrogates that make a pair come back from any JSON reader as the one character they mean."""
    if SURROGATE.search(text):
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return text


def _remedy(value: "Any", kind: type) -> str:
    if kind.__name__.startswith("JsProxy"):
        return "convert it first with .to_py()"
    if kind is bytearray or kind is memoryview:
        return "store bytes(...) of it"
    if hasattr(kind, "__dataclass_fields__"):
        return "store dataclasses.asdict(...) of it"
    if isinstance(getattr(value, "value", None), (str, int, float)):
        return "store its .value"
    return "keep it outside the state"


def _shorten(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:120]} … {text[-60:]}"


MODELS = ("__dataclass_fields__", "__struct_fields__", "__pydantic_validator__")
"""What tells the classes of dataclasses, Structs and pydantic models from others."""


def is_model(value: "Any") -> bool:
    """Whether that is an instance of a dataclass, Struct or pydantic model."""
    return not isinstance(value, type) and any(hasattr(type(value), mark) for mark in MODELS)
