"""The errors for a key that a map of the state does not have.

They say which state, where in it, and which keys are near; found out when somebody reads it, as most are
handled unread. To all others they are a dict's `KeyError`, and the `AttributeError` of any object.
"""

from ..codec import format_path
from ..keys import label

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .view import View

_MOST = 1000
"""Keys that are looked at for near ones: comparing takes some 10 µs each."""


def no_key(view: "View", key: "Any") -> KeyError:
    """The error for ``view[key]``."""
    error: KeyError = _NoKey(key)
    error._view, error._key = view, key  # type: ignore[attr-defined]
    return error


def no_attribute(view: "View", name: str) -> AttributeError:
    """The error for ``view.name``. Without `name` and `obj`, with which Python looks for near ones itself."""
    error: AttributeError = _NoAttribute(name)
    error._view, error._key = view, name  # type: ignore[attr-defined]
    return error


def _text(error: "Any") -> str:
    view, key = error._view, error._key
    owner = getattr(view._root.owner, "key", None)
    path = view._last_path()
    text = f"{'this state' if owner is None else label(owner)} has no key {key!r}"
    if path:
        text += f" at `{format_path(path)}`"
    near = _near(key, list(view._data)[:_MOST])
    if near:
        text += "; near it: " + ", ".join([repr(each) for each in near])
    return text


def _shown(error: "Any") -> str:
    return f"AttributeError({_text(error)!r})"


def _near(key: "Any", keys: "list[str]") -> "list[str]":
    if type(key) is not str:
        return []
    from difflib import get_close_matches

    by_lower = {each.lower(): each for each in keys}
    return [by_lower[each] for each in get_close_matches(key.lower(), list(by_lower))]


def _named_as(base: type, **more: "Any") -> "Any":
    """A subclass that is shown under the name of its base."""
    return type(base.__name__, (base,), dict(more, __module__="builtins", __str__=_text))


_NoKey = _named_as(KeyError, __reduce__=lambda error: (KeyError, error.args))
_NoAttribute = _named_as(
    AttributeError, __reduce__=lambda error: (AttributeError, (str(error),)), __repr__=_shown
)
