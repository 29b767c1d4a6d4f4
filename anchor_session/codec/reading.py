"""Plain data of JSON text. Builds only the types listed in `tags`: never a class named by the data."""

from itertools import accumulate
from json import JSONDecoder, loads

from .writing import look_for_large, note_large

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_DEPTH = 200
"""Containers inside containers, the state itself included. Fixed, so that what one interpreter stores
every other can read whatever its stack."""

CONTAINERS = (dict, list, set, frozenset)
_SAFE_DEPTH = 5 * MAX_DEPTH  # of brackets: a map that holds `$anchor` takes three a level
_STEPS = bytes.maketrans(b"[]{}", b"\x01\xff\x01\xff")  # one deeper, one up
_NO_BRACKETS = bytes([byte for byte in range(256) if byte not in b'"[]{}'])  # nor quotes


def decode(text: str, depth: int = MAX_DEPTH, *, noting: bool = True) -> "Any":
    """The plain data that a JSON text stands for.

    Raises `ValueError` for text that is not JSON (RFC 8259: no bare ``NaN``) or is nested deeper than
    `depth`. Without `noting` the data has to be adopted before it is encoded: its large integers are not
    looked for.
    """
    if noting:
        look_for_large(text)
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
    return loads(text, object_hook=_untagged, parse_constant=_refuse_constant)


def _untagged(found: "dict[str, Any]") -> "Any":
    """What a decoded map stands for: itself, unless it is a tag and a value that suits it."""
    if len(found) != 2 or "$anchor" not in found or "value" not in found:
        return found
    from .tags import build

    tag, value = found["$anchor"], found["value"]
    try:
        built = build(tag, value)
    except (KeyError, ValueError, TypeError, ArithmeticError):
        return found
    if tag == "int" and len(value) > 15:  # in digits of any script
        note_large()
    return built


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
            if type(child) in CONTAINERS
        ]
        if not level:
            return False
    return True
