"""Values of the session scope: as they are stored, and as the type that is asked for.

A dataclass, Struct or pydantic model is stored as its fields, so its class has to be said when it is read.
"""

from ...codec import MAX_DEPTH, MODELS, as_stored, is_model
from ...errors import UnstorableValueError, with_article

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def plain(value: "Any") -> "Any":
    """A copy of the value as it will come back. Raises for what cannot be stored."""
    try:
        return as_stored(value)
    except UnstorableValueError:
        if not _has_models(value):
            raise
    from ...typed.conversion import to_plain

    return to_plain(value)


def converted(value: "Any", kind: "Any") -> "Any":
    """The stored value as that type, None if it is not one; of no type as it is. The value is used up."""
    if kind is None or value is None or value.__class__ is kind:
        return value
    from ...typed.conversion import convert

    return convert(value, kind)


def class_of(value: "Any") -> "Any":
    """The class of a dataclass, Struct or model, or of a view of one; None of any other value."""
    return _model(value.__class__)


def class_made_by(factory: "Any") -> "Any":
    """The class that a factory is, if it is such a class, with some of its arguments or without."""
    return _model(factory if isinstance(factory, type) else getattr(factory, "func", None))


def check_type(kind: "Any", form: str) -> None:
    """Raises `TypeError` for what can be no type, as a value is that stands in its place."""
    if kind is None or isinstance(kind, type) or any(hasattr(kind, mark) for mark in _ANNOTATIONS):
        return
    raise TypeError(
        f"type= is a class, or what may annotate a field, not {with_article(type(kind).__name__)}; "
        f"the form is {form}"
    )


_ANNOTATIONS = ("__origin__", "__args__", "__supertype__", "__value__")
"""What tells `list[int]`, ``int | None``, a `NewType` and a type alias from values."""


def _model(kind: "Any") -> "Any":
    is_one = isinstance(kind, type) and any(hasattr(kind, mark) for mark in MODELS)
    return kind if is_one else None


def _has_models(value: "Any", depth: int = 0) -> bool:
    """Whether there are instances inside that `typed` knows."""
    if isinstance(value, (dict, list, tuple)):
        items = value.values() if isinstance(value, dict) else value
        return depth < MAX_DEPTH and any(_has_models(item, depth + 1) for item in items)
    return is_model(value)
