"""Single values that are not views: instances to plain data, and plain data to what a type says."""

from functools import lru_cache
from typing import Any

from ..codec import MAX_DEPTH, as_stored, find_tag
from .builder import build_any
from .misfit import Misfit, Path
from .models import is_model
from .shapes import Shape

_JSON = (str, int, float, bool, list, dict)


def to_plain(value: Any) -> Any:
    """The value as plain data, a copy, with dataclasses, Structs and pydantic models as their fields.

    Raises `SchemaError` for an instance that does not fit its own class, `UnstorableValueError` for what is
    no data.
    """
    return as_stored(_lowered(value, ()))


def _lowered(value: Any, path: Path) -> Any:
    kind = type(value)
    if is_model(kind) and not hasattr(kind, "__anchor_plain__"):
        return _shape(kind).accept(value, path)
    if len(path) > MAX_DEPTH:
        return value  # for as_stored() to refuse
    if isinstance(value, dict):
        return {key: _lowered(item, (*path, key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_lowered(item, (*path, number)) for number, item in enumerate(value)]
    return value


def convert(data: Any, kind: Any) -> Any:
    """The data as that type, None if it is not one; `data` is used up.

    Of a class that the codec stores as it is, exactly that class: a bool is no int. Anything else is read as
    a field of that type would be, so a tuple comes from a list and an enum member from its value.
    """
    if kind in _JSON or (isinstance(kind, type) and find_tag(kind) is not None):
        return data if type(data) is kind else None
    try:
        return _shape(kind).converted(data)
    except (Misfit, AssertionError):  # of an `assert` in `__post_init__`
        return None


@lru_cache(maxsize=256)
def _known(kind: Any) -> Shape:
    return build_any(kind)


def _shape(kind: Any) -> Shape:
    try:
        hash(kind)
    except TypeError:  # Annotated[..., something unhashable]
        return build_any(kind)
    return _known(kind)
