"""The text of a record: what the codec writes of a copy, mostly without making the copy.

A copy through the codec (`adopt`) turns what was given into what would come back, or refuses it. Most
records are maps, lists and leaves that JSON has, of which Python's own encoder in C writes the very same
text; here is found out, from that text and the maps, whether this is one of them. That saves half the time
of a large record.
"""

import sys
from itertools import chain
from json.encoder import c_make_encoder, encode_basestring  # type: ignore[attr-defined]
from typing import Any

from ..codec import MAX_DEPTH, adopt, encode
from ..errors import UnstorableValueError

_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_LARGE = b"0" * 16  # digits of an integer beyond ±2^53, which has a tag


class _Other(Exception):
    """Met something that JSON lacks."""


def _refuse(item: Any) -> Any:
    raise _Other


# In a browser, deep data ends the interpreter before it ends in a `RecursionError`.
_in_c = (
    c_make_encoder(None, _refuse, encode_basestring, None, ":", ",", False, False, False)
    if c_make_encoder is not None and sys.platform != "emscripten"
    else None
)


def text_of(data: Any) -> str:
    """The text of a record; raises `UnstorableValueError`, with the path, for what would not come back."""
    if type(data) is dict and _in_c is not None:
        try:
            text = "".join(_in_c(data, 0))
        except (_Other, TypeError, ValueError, RecursionError):
            pass  # a tag, another key than text, infinity: the codec knows what to do
        else:
            if _is_ordinary(text) and _has_text_keys(data, text):
                return text
    elif not isinstance(data, dict) and not hasattr(type(data), "__anchor_plain__"):
        raise UnstorableValueError(f"a record is a dict, not {type(data).__name__}")
    plain = adopt(data)
    if type(plain) is not dict:
        raise UnstorableValueError(f"a record is a dict, not {type(data).__name__}")
    return encode(plain)


def _is_ordinary(text: str) -> bool:
    """Whether it has no integer that needs a tag, no lone surrogate, and nothing that looks like a tag."""
    if '"$anchor"' in text:
        return False
    try:
        raw = text.encode()
    except UnicodeEncodeError:
        return False
    return _LARGE not in raw.translate(_DIGITS)


def _has_text_keys(data: "dict[Any, Any]", text: str) -> bool:
    """Whether the keys of all maps are text, and maps and lists are nested no deeper than they may be.

    Each map writes a brace, and each list a bracket: as soon as that many were seen there are no more, and
    the leaves of the lowest ones, which are most of a record, need no look.
    """
    maps: list[dict[Any, Any]] = [data]
    lists: list[list[Any]] = []
    braces, brackets = text.count("{"), text.count("[")
    for _ in range(MAX_DEPTH):
        if any(type(key) is not str for key in set().union(*maps)):
            return False
        braces -= len(maps)
        brackets -= len(lists)
        if not (braces or brackets):
            return True
        inside = chain(chain.from_iterable(map(dict.values, maps)), chain.from_iterable(lists))
        below = [item for item in inside if type(item) not in _LEAVES]
        if not below:
            return True
        maps = [item for item in below if type(item) is dict]
        lists = [item for item in below if type(item) is list]
        if len(maps) + len(lists) < len(below):
            return False
    return False


_LEAVES = frozenset((str, int, float, bool, type(None)))
