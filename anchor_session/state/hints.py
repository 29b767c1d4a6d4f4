"""What a state says to attributes that it does not have, and to assignments that would change nothing."""

from ..spelling import snake

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from . import State


def missing(state: "State[Any]", name: str) -> str:
    """That there is no such attribute, and where it is: under its name in Python, or among the keys."""
    kind, own = type(state).__name__, snake(name)
    found = f"{kind!r} object has no attribute {name!r}"
    if own != name and hasattr(state, own):
        return f"{found}; here it is {own!r}"
    if name in state.__dict__.get("_keys", ()):
        return f"{found}; its key is read by get()[{name!r}], or signal.{name}.get()"
    return found


def read_only(state: "State[Any]", name: str) -> str:
    """That the attribute is not assigned to, and what is written in its place."""
    remedy = state._READ_ONLY.get(name)
    if remedy is None:
        remedy = f"write set({{{name!r}: value}}), or signal.{name}.set(value)"
    return f"{name!r} of a {type(state).__name__} cannot be assigned to: {remedy}"
