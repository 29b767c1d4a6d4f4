"""Python values to JSON text and back.

What JSON has is written as `JSON.stringify` would write it: no spaces, insertion order, no ASCII
escaping. Three things differ, so that nothing changes on the way: a float is its Python `repr`, a lone
surrogate is escaped, an integer beyond ±2^53 is tagged. What JSON lacks is tagged too::

    {"$anchor": "datetime", "value": "2026-11-21T09:30:00"}

A map that itself holds the key ``$anchor`` becomes ``{"$anchor": "map", "value": [[key, value], ...]}``.
A tag that is unknown, or whose value cannot be read, stays the plain map it is written as. Decoding
builds only the types listed in `tags`: never a class named by the data.
"""

import re
from itertools import accumulate
from json import JSONDecoder, loads
from json.encoder import c_make_encoder, encode_basestring  # type: ignore[attr-defined]

from .errors import UnstorableValueError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .tags import Tag

    Path = tuple[str | int, ...]

MAX_DEPTH = 200
"""Containers inside containers, the state itself included. Fixed, so that what one interpreter stores
every other can read whatever its stack."""

_CONTAINERS = (dict, list, set, frozenset)
_SAFE_INTEGER = 2**53
# Python refuses to read integers beyond 4300 digits (sys.set_int_max_str_digits).
_MAX_BITS = 14_000
_SAFE_DEPTH = 5 * MAX_DEPTH  # of brackets: a map that holds `$anchor` takes three a level
_STEPS = bytes.maketrans(b"[]{}", b"\x01\xff\x01\xff")  # one deeper, one up
_NO_BRACKETS = bytes([byte for byte in range(256) if byte not in b'"[]{}'])  # nor quotes
_SURROGATE = re.compile("[\ud800-\udfff]")
_LARGE = re.compile(r"(?<![\d.])\d{16}\d*(?![\d.eE])")
# Every digit, and every byte that may stand before an integer.
_DIGITS = bytes.maketrans(b"123456789,[- \n\t\r", b"000000000:::::::")
_NAME = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)


def format_path(path: "Path") -> str:
    """The path as text, ``$`` first: ``$.cart.lines[0]``."""
    parts = ["$"]
    for key in path:
        if isinstance(key, int):
            parts.append(f"[{key}]")
        elif _NAME.match(key):
            parts.append(f".{key}")
        else:
            parts.append(f"[{_quote(key)}]")
    return "".join(parts)


_tag_of: "dict[type, Tag | None]" = {}  # what find_tag found; grows by one entry a type


def find_tag(kind: type) -> "Tag | None":
    """The tag for exactly this class, with what makes JSON of it; None for a class without one."""
    try:
        return _tag_of[kind]
    except KeyError:
        from .tags import find  # with the first value that JSON lacks

        tag = _tag_of[kind] = find(kind)
        return tag


# -- encoding -------------------------------------------------------------------------------------


def _quote(text: str) -> str:
    quoted = encode_basestring(text)
    if not text.isascii() and _SURROGATE.search(text):
        quoted = _SURROGATE.sub(lambda found: f"\\u{ord(found.group()):04x}", quoted)
    return quoted


def encode(value: "Any") -> str:
    """The JSON text of plain data, that is of what `adopt` or `decode` returned."""
    kind = type(value)
    if kind is str:
        return _quote(value)
    if kind is int and -_SAFE_INTEGER <= value <= _SAFE_INTEGER:
        return repr(value)
    if (kind is dict or kind is list) and _encode_json is not None:  # CPython's own
        return _encode_container(value)
    return _write(value)


class _NeedsTag(Exception):
    """Met something that JSON lacks."""


def _refuse(item: "Any") -> "Any":
    raise _NeedsTag


def _encoder(default: "Callable[[Any], Any]") -> "Any":
    return c_make_encoder(None, default, encode_basestring, None, ":", ",", False, False, False)


_encode_json: "Any" = None if c_make_encoder is None else _encoder(_refuse)


def _encode_container(value: "Any") -> str:
    """The text as Python's own encoder in C writes it, unless it would write something differently."""
    tags = 0
    try:
        try:
            text = "".join(_encode_json(value, 0))
        except _NeedsTag:
            text, tags = _encode_tagged(value)
    except ValueError:  # a float that is not finite
        return _write(value)
    if (
        ((tags or "$" in text) and text.count('"$anchor":') != tags)
        or (_large_seen and may_have_large(text))
        or not (text.isascii() or _is_whole(text))
    ):
        return _write(value)
    return text


def _encode_tagged(value: "Any") -> "tuple[str, int]":
    """The text, and how many tags are in it."""
    tags = 0

    def tagged(item: "Any") -> "dict[str, Any]":
        nonlocal tags
        tags += 1
        return _as_tagged(item)

    return "".join(_encoder(tagged)(value, 0)), tags


_large_seen = False  # whether an integer here may ever have been beyond ±2^53


def note_large() -> None:
    """Have texts looked through for large integers from now on; few programs have any."""
    global _large_seen
    _large_seen = True


def _is_whole(text: str) -> bool:
    """Whether it has no lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _as_tagged(value: "Any") -> "dict[str, Any]":
    found = find_tag(type(value))
    if found is None:
        raise UnstorableValueError(f"cannot store {_describe(value)}; as_stored() it first")
    tag, to_json = found
    return {"$anchor": tag, "value": to_json(value)}


def _write(value: "Any") -> str:
    """The text of anything, piece by piece: `encode` writes the same, faster where it can."""
    kind = type(value)
    if kind is str:
        return _quote(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is int and -_SAFE_INTEGER <= value <= _SAFE_INTEGER:
        return repr(value)
    if kind is float and value - value == 0.0:  # neither infinite nor nan
        return repr(value)
    if kind is dict:
        if "$anchor" in value:
            pairs = ",".join([f"[{_quote(key)},{_write(item)}]" for key, item in value.items()])
            return f'{{"$anchor":"map","value":[{pairs}]}}'
        return f"{{{','.join([f'{_quote(key)}:{_write(item)}' for key, item in value.items()])}}}"
    if kind is list:
        return f"[{','.join([_write(item) for item in value])}]"
    if kind is set or kind is frozenset:  # each member once: sets may be nested
        members = ",".join(sorted([_write(member) for member in value]))
        return f'{{"$anchor":"{kind.__name__}","value":[{members}]}}'
    found = _as_tagged(value)
    return f'{{"$anchor":"{found["$anchor"]}","value":{_write(found["value"])}}}'


def same(left: "Any", right: "Any") -> bool:
    """Whether two values encode to the same text: ``1``, ``1.0`` and ``True`` differ.

    What cannot be encoded is the same as itself alone.
    """
    if left is right:
        return True
    kind = type(left)
    if kind is not type(right):
        return False
    if kind is str or kind is int or kind is bool:
        return bool(left == right)
    try:
        return encode(left) == encode(right)
    except UnstorableValueError:
        return False


# -- decoding -------------------------------------------------------------------------------------


def decode(text: str, depth: int = MAX_DEPTH, *, noting: bool = True) -> "Any":
    """The plain data that a JSON text stands for.

    Raises `ValueError` for text that is not JSON (RFC 8259: no bare ``NaN``) or is nested deeper than
    `depth`. Without `noting` the data has to be adopted before it is encoded: its large integers are not
    looked for.
    """
    if noting and not _large_seen and may_have_large(text):
        note_large()
    brackets = _bracket_depth(text, depth)
    if brackets > _SAFE_DEPTH:  # in Pyodide some thousand levels are the interpreter's end
        raise ValueError(f"nested deeper than {depth} levels")
    try:
        value = decode_own(text)
    except RecursionError:
        raise ValueError(f"nested deeper than {depth} levels") from None
    if brackets > depth and is_deeper(value, depth):
        raise ValueError(f"nested deeper than {depth} levels")
    return value


def decode_own(text: str) -> "Any":
    """The same for a text that `encode` made in this process: nothing is looked for."""
    if "$" not in text or '"$anchor"' not in text:  # one sign is found thirty times as fast
        return _decoder.decode(text)
    from .tags import untag

    return loads(text, object_hook=untag, parse_constant=_refuse_constant)


def may_have_large(text: str) -> bool:
    """Whether a JSON text may have an integer beyond ±2^53 in it; False is certain."""
    # Ten times as fast as to search the text; the digits of a fraction count for nothing.
    digits = b":" + text.encode("utf-8", "replace").translate(_DIGITS)
    return b":0000000000000000" in digits and _LARGE.search(text) is not None


def decode_object(text: str, *, noting: bool = True) -> "dict[str, Any]":
    """What `decode` gives for a text that has to hold an object; raises `ValueError` for any other."""
    data = decode(text, noting=noting)
    if type(data) is not dict:
        raise ValueError(f"it holds {type(data).__name__}, not an object")
    return data


def _refuse_constant(name: str) -> "Any":
    raise ValueError(f"{name} is not JSON")


# Made once: `loads()` with an option makes one at each call, which costs 2 µs.
_decoder = JSONDecoder(parse_constant=_refuse_constant)


def _bracket_depth(text: str, depth: int) -> int:
    """How deep brackets are nested in a text, strings apart; 0 where it is surely not beyond `depth`."""
    if len(text) <= 2 * depth:  # each level is opened and closed
        return 0
    if "\\" in text:
        text = text.replace("\\\\", "").replace('\\"', "")
    marks = text.encode("utf-8", "replace").translate(None, _NO_BRACKETS)
    if marks.count(b"[") + marks.count(b"{") <= depth:
        return 0
    # All quotes stand in pairs where no string holds a bracket: an odd number comes before such a one.
    if 2 * marks.count(b'""') == marks.count(b'"'):
        brackets = marks.translate(None, b'"')
    else:
        brackets = b"".join(marks.split(b'"')[::2])
    left = brackets
    for _ in range(min(8, depth // 2)):  # each round takes two levels at most
        left = left.replace(b"[]", b"").replace(b"{}", b"")
        if not left:
            return 0
    return max(accumulate(memoryview(brackets.translate(_STEPS)).cast("b"), initial=0))


def is_deeper(value: "Any", depth: int) -> bool:
    """Whether more than `depth` containers are nested in plain data, itself included."""
    level: list[Any] = [[value]]
    for _ in range(depth + 1):
        level = [
            child
            for container in level
            for child in (container.values() if type(container) is dict else container)
            if type(child) in _CONTAINERS
        ]
        if not level:
            return False
    return True


# -- adopting -------------------------------------------------------------------------------------


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
    kind = type(value)
    if (
        value is None
        or kind is bool
        or kind is float
        or (kind is str and value.isascii())
        or (kind is int and -_SAFE_INTEGER <= value <= _SAFE_INTEGER)
    ):
        return value
    try:
        return _adopt(value, len(path) + 1)
    except _Refusal as refusal:
        raise _unstorable(refusal, path) from None


def as_stored_key(key: "Any", path: "Path") -> str:
    """A key for the map at `path`, as plain `str`; anything but text raises `UnstorableValueError`."""
    if type(key) is str and key.isascii():
        return key
    try:
        return _adopt_key(key)
    except _Refusal as refusal:
        raise _unstorable(refusal, path) from None


def as_stored_member(value: "Any", path: "Path") -> "Any":
    """A member for the set at `path`; what a set in JSON could not give back raises."""
    try:
        return _adopt_member(value, len(path) + 1)
    except _Refusal as refusal:
        raise _unstorable(refusal, path) from None


def _unstorable(refusal: _Refusal, path: "Path") -> UnstorableValueError:
    where = format_path(path + tuple(reversed(refusal.trail)))
    return UnstorableValueError(
        f"cannot store {refusal.what} at `{_shorten(where)}`; {refusal.remedy}", path=where
    )


def _adopt(value: "Any", depth: int) -> "Any":
    kind = type(value)
    if kind is str:
        return value if value.isascii() else _pair_surrogates(value)
    if value is None or kind is bool or kind is float:
        return value
    if kind is int:
        if not -_SAFE_INTEGER <= value <= _SAFE_INTEGER:
            if value.bit_length() > _MAX_BITS:
                raise _Refusal("an integer of more than 4200 digits", "store it as text")
            note_large()
        return value
    if isinstance(value, dict):
        _check_depth(depth)
        copy = {}
        for key, item in value.items():
            name = _adopt_key(key)
            try:
                copy[name] = _adopt(item, depth + 1)
            except _Refusal as refusal:
                refusal.trail.append(name)
                raise
        return copy
    if isinstance(value, (list, tuple)):
        _check_depth(depth)
        items: list[Any] = []
        try:
            for item in value:
                items.append(_adopt(item, depth + 1))  # noqa: PERF401 - the index of a refused item
        except _Refusal as refusal:
            refusal.trail.append(len(items))
            raise
        return items
    if isinstance(value, (set, frozenset)):
        _check_depth(depth)
        base = set if isinstance(value, set) else frozenset
        return base([_adopt_member(item, depth + 1) for item in value])
    return _adopt_other(value, kind, depth)


def _adopt_other(value: "Any", kind: type, depth: int) -> "Any":
    plain = getattr(kind, "__anchor_plain__", None)
    if plain is not None:
        return _adopt(plain(value), depth)
    if isinstance(value, str):
        return _adopt(str.__str__(value), depth)
    if isinstance(value, int):
        return _adopt(int.__int__(value), depth)
    if isinstance(value, float):
        return float.__float__(value)
    tag = find_tag(kind)
    if tag is None:
        raise _Refusal(_describe(value), _remedy(value, kind))
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


def _adopt_key(key: "Any") -> str:
    if type(key) is str:
        return key if key.isascii() else _pair_surrogates(key)
    if isinstance(key, str):
        return _adopt_key(str.__str__(key))
    raise _Refusal(f"a map with the key {_shorten(repr(key))}", "keys must be text (str)")


def _adopt_member(value: "Any", depth: int) -> "Any":
    if isinstance(value, (tuple, list, dict, set)):
        raise _Refusal(
            f"a set that holds {_describe(value)}", "use a list, or members that JSON can give back"
        )
    return _adopt(value, depth)


def _check_depth(depth: int) -> None:
    if depth <= MAX_DEPTH:
        return
    raise _Refusal(
        f"containers nested deeper than {MAX_DEPTH} levels",
        "flatten the data; if it contains itself, store an id in place of the reference",
    )


def _pair_surrogates(text: str) -> str:
    """Two surrogates that make a pair come back from any JSON reader as the one character they mean."""
    if _SURROGATE.search(text):
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return text


def _describe(value: "Any") -> str:
    kind = type(value)
    name = kind.__name__
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if callable(value) and hasattr(value, "__name__"):
        return "a function"
    article = "an" if name[:1].lower() in "aeiou" else "a"
    return f"{article} {name}"


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
