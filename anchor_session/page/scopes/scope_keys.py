"""Keys of the session scope as text: JSON, so that the type counts.

| key | text |
| --- | --- |
| `"cart"` | `"cart"` |
| `7`, `True`, `None` | `7`, `true`, `null` |
| `("cart", 7)` | `["cart",7]` |
| `Color.RED` | `{"shop.colors:Color":"RED"}` |
"""

import sys

from ...codec import as_stored, decode, encode
from ...errors import UnstorableValueError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_DEPTH = 20
"""Tuples inside tuples."""


def key_text(key: "Any", form: str = "session_load(key)") -> str:
    """The text of a key; what cannot be one raises `UnstorableValueError`. `form` is how the call reads."""
    if type(key) is str:
        return encode(as_stored(key))
    return _text(key, form, 0)


def _text(key: "Any", form: str, depth: int) -> str:
    kind = type(key)
    if _is_enum(kind):  # before text and integers, of which it may be one too
        if key._name_ not in kind.__members__:
            raise _refused(f"{key!r}, which is no single member")
        return f"{{{encode(_class_name(kind))}:{encode(key._name_)}}}"
    if kind is bool or key is None:
        return encode(key)
    if isinstance(key, str):
        return encode(as_stored(key))
    if isinstance(key, int):
        try:
            return int.__repr__(key)
        except ValueError:  # sys.set_int_max_str_digits
            raise _refused("an integer of so many digits") from None
    if isinstance(key, tuple):
        if depth == MAX_DEPTH:
            raise _refused(f"tuples nested deeper than {MAX_DEPTH} levels")
        return f"[{','.join([_text(part, form, depth + 1) for part in key])}]"
    from ...misuse import of_key

    raise _refused(*of_key(key, form))


def _refused(what: str, remedy: str = "") -> UnstorableValueError:
    return UnstorableValueError(
        f"cannot use {what} as a key of the session scope; "
        "take str, int, bool, None, an enum member, or a tuple of these"
        + (remedy and f": {remedy}")
    )


class _NoKey(Exception):
    """The text is of no key, or of one that this program does not know."""


def key_of(text: str) -> "tuple[Any] | None":
    """The key of a text, in a tuple; None for what `key_text` never writes.

    None too for a member of an enum that no loaded module has: nothing is imported because data says so.
    """
    try:
        key = _key(decode(text, MAX_DEPTH + 1))
        return (key,) if key_text(key) == text else None
    except (_NoKey, ValueError, UnstorableValueError):
        return None


def _key(found: "Any") -> "Any":
    if type(found) is list:
        return tuple([_key(part) for part in found])
    if type(found) is dict:
        return _member(found)
    if found is None or type(found) in (str, int, bool):
        return found
    raise _NoKey


def _member(found: "dict[str, Any]") -> "Any":
    if len(found) != 1:
        raise _NoKey
    ((where, name),) = found.items()
    module, _, path = where.partition(":")
    owner: Any = sys.modules.get(module)
    for part in path.split("."):
        # Neither getattr() nor isinstance(), which may run the program's code.
        if not issubclass(type(owner), (type, type(sys))):
            raise _NoKey
        owner = owner.__dict__.get(part)
    if not _is_enum(owner) or _class_name(owner) != where or type(name) is not str:
        raise _NoKey
    if name not in owner.__members__:
        raise _NoKey
    return owner.__members__[name]


def _is_enum(kind: "Any") -> bool:
    return issubclass(type(kind), type) and hasattr(kind, "_member_map_")


def _class_name(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"
