"""JSON text of plain data: as Python's encoder in C writes it, and piece by piece where that would differ."""

import re
from json.encoder import c_make_encoder, encode_basestring  # type: ignore[attr-defined]

from ..errors import UnstorableValueError, with_article

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .tags import Tag

SAFE_INTEGER = 2**53
SURROGATE = re.compile("[\ud800-\udfff]")
_LARGE = re.compile(r"(?<![\d.])\d{16}\d*(?![\d.eE])")
# Every digit, and every byte that may stand before an integer.
_DIGITS = bytes.maketrans(b"123456789,[- \n\t\r", b"000000000:::::::")

_tag_of: "dict[type, Tag | None]" = {}  # what find_tag found; grows by one entry a type


def find_tag(kind: type) -> "Tag | None":
    """The tag for exactly this class, with what makes JSON of it; None for a class without one."""
    try:
        return _tag_of[kind]
    except KeyError:
        from .tags import find  # with the first value that JSON lacks

        tag = _tag_of[kind] = find(kind)
        return tag


def quote(text: str) -> str:
    quoted = encode_basestring(text)
    if not text.isascii() and SURROGATE.search(text):
        quoted = SURROGATE.sub(lambda found: f"\\u{ord(found.group()):04x}", quoted)
    return quoted


def encode(value: "Any") -> str:
    """The JSON text of plain data, that is of what `as_stored` or `decode` returned."""
    kind = type(value)
    if kind is str:
        return quote(value)
    if kind is int and -SAFE_INTEGER <= value <= SAFE_INTEGER:
        return repr(value)
    if (kind is dict or kind is list) and _encode_json is not None:  # CPython's own
        return _encode_container(value)
    return encode_piecewise(value)


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
        return encode_piecewise(value)
    if (
        ((tags or "$" in text) and text.count('"$anchor":') != tags)
        or (_large_seen and may_have_large(text))
        or not (text.isascii() or _is_whole(text))
    ):
        return encode_piecewise(value)
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


def look_for_large(text: str) -> None:
    """Do so if a JSON text may have one."""
    if not _large_seen and may_have_large(text):
        note_large()


def may_have_large(text: str) -> bool:
    """Whether a JSON text may have an integer beyond ±2^53 in it; False is certain."""
    # Ten times as fast as to search the text; the digits of a fraction count for nothing.
    digits = b":" + text.encode("utf-8", "replace").translate(_DIGITS)
    return b":0000000000000000" in digits and _LARGE.search(text) is not None


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
        raise UnstorableValueError(f"cannot store {describe(value)}; as_stored() it first")
    tag, to_json = found
    if isinstance(value, (set, frozenset)):
        value = sorted(value, key=encode)  # equal sets, equal text
    return {"$anchor": tag, "value": to_json(value)}


def encode_piecewise(value: "Any") -> str:
    """The text of anything, piece by piece: `encode` writes the same, faster where it can."""
    kind = type(value)
    if kind is str:
        return quote(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is int and -SAFE_INTEGER <= value <= SAFE_INTEGER:
        return repr(value)
    if kind is float and value - value == 0.0:  # neither infinite nor nan
        return repr(value)
    if kind is dict:
        if "$anchor" in value:
            pairs = ",".join(
                [f"[{quote(key)},{encode_piecewise(item)}]" for key, item in value.items()]
            )
            return f'{{"$anchor":"map","value":[{pairs}]}}'
        return f"{{{','.join([f'{quote(key)}:{encode_piecewise(item)}' for key, item in value.items()])}}}"
    if kind is list:
        return f"[{','.join([encode_piecewise(item) for item in value])}]"
    if kind is set or kind is frozenset:  # each member once: sets may be nested
        members = ",".join(sorted([encode_piecewise(member) for member in value]))
        return f'{{"$anchor":"{kind.__name__}","value":[{members}]}}'
    found = _as_tagged(value)
    return f'{{"$anchor":"{found["$anchor"]}","value":{encode_piecewise(found["value"])}}}'


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
    if kind is float:
        if left == right:
            return bool(left != 0.0) or repr(left) == repr(right)  # 0.0 and -0.0 are two
        return bool(left != left) and bool(right != right)  # nan is one
    try:
        return encode(left) == encode(right)
    except UnstorableValueError:
        return False


def describe(value: "Any") -> str:
    kind = type(value)
    name = kind.__name__
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if callable(value) and hasattr(value, "__name__"):
        return "a function"
    return with_article(name)
