"""The text of a record: a copy of the data, checked, as the codec writes it, mostly without making the copy.

A copy (`as_stored`) turns what was given into what would come back, or refuses it. Most records are maps,
lists and leaves that JSON has, of which the encoder of Python in C writes the very same text. Whether a
record is one of them is found out from that text and the maps, in a third of the time that a copy takes.
"""

import sys
from itertools import chain
from json.encoder import c_make_encoder, encode_basestring  # type: ignore[attr-defined]
from operator import methodcaller
from typing import Any

from ..codec import MAX_DEPTH, as_stored, encode, may_have_large
from ..errors import UnstorableValueError

_SCALARS = frozenset({str, int, float, bool, type(None)})
_values_of = methodcaller("values")


def text_of(data: Any) -> str:
    """The text; raises `UnstorableValueError`, with the path, for what the codec cannot hold."""
    if type(data) is dict:
        text = _text_of_plain(data)
        if text is not None:
            return text
    if isinstance(data, dict) or hasattr(type(data), "__anchor_plain__"):
        plain = as_stored(data)
        if type(plain) is dict:
            return encode(plain)
    raise UnstorableValueError(f"a record is a dict, not {type(data).__name__}")


class _Other(Exception):
    """Met something that JSON lacks."""


def _refuse(item: Any) -> Any:
    raise _Other


_in_c = c_make_encoder and c_make_encoder(
    None, _refuse, encode_basestring, None, ":", ",", False, False, False
)
# In Pyodide some thousand levels are the interpreter's end: there the data is looked through first.
_MAY_CRASH = sys.platform == "emscripten"


def _text_of_plain(data: "dict[Any, Any]") -> "str | None":
    """The text, if the copy would be an equal one of plain JSON; None if that is not sure."""
    if _in_c is None or (_MAY_CRASH and not _is_plain(data)):
        return None
    try:
        text = "".join(_in_c(data, 0))
    except (_Other, TypeError, ValueError, RecursionError):  # ValueError: infinity, too many digits
        return None
    if '"$anchor"' in text or may_have_large(text) or not (text.isascii() or _is_whole(text)):
        return None
    if _MAY_CRASH or _is_plain(data, text.count("{"), text.count("[")):
        return text
    return None


def _is_whole(text: str) -> bool:
    """Whether it has no lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_plain(data: "dict[Any, Any]", braces: int = -1, brackets: int = -1) -> bool:
    """Whether it is made of maps with texts for keys, lists and scalars, no deeper than they may be nested.

    `braces` and `brackets` are what the text has of them. Each map writes one, and so does each list: when as
    many were seen there are no more, and the leaves of the lowest ones, most of a record, need no look.
    """
    maps: list[dict[Any, Any]] = [data]
    lists: list[list[Any]] = []
    for _ in range(MAX_DEPTH):
        if any(type(key) is not str for key in set().union(*maps)):
            return False
        braces -= len(maps)
        brackets -= len(lists)
        if braces == 0 and brackets == 0:
            return True
        items = chain(chain.from_iterable(map(_values_of, maps)), chain.from_iterable(lists))
        rest = [item for item in items if type(item) not in _SCALARS]
        if not rest:
            return True
        maps = [item for item in rest if type(item) is dict]
        lists = [item for item in rest if type(item) is list]
        if len(maps) + len(lists) < len(rest):
            return False
    return False
