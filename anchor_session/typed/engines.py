"""Who turns plain data into instances: msgspec, pydantic, or a small converter of our own.

The libraries are imported here alone, when an engine is made.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .misfit import Misfit, name_of

if TYPE_CHECKING:
    from .shapes import Shape

INSTALL = "pip install anchor-session[typed]"


class Engine:
    """Converts plain data to what a shape stands for; raises `Misfit`."""

    is_complete = True  # whether it can convert every type a state can hold

    def convert(self, data: Any, shape: "Shape") -> Any:
        raise NotImplementedError


class MsgspecEngine(Engine):
    """For dataclasses and Structs. Numbers and text are taken as they are, never one for the other."""

    _MISSING = re.compile(r"Object missing required field `(.+)`")
    _PART = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")

    def __init__(self) -> None:
        import msgspec

        self._convert = msgspec.convert
        self._error = msgspec.ValidationError

    def convert(self, data: Any, shape: "Shape") -> Any:
        try:
            return self._convert(data, shape.type, dec_hook=_other_kind)
        except self._error as error:
            reason, _, where = str(error).partition(" - at `$")
            raise self._locate(reason, where.rstrip("`"), data, shape) from error

    def _locate(self, reason: str, where: str, data: Any, shape: "Shape") -> Misfit:
        """The error with its path; msgspec says ``[...]`` for the values of maps and for members of sets."""
        path: tuple[str | int, ...] = ()
        for name, index in self._PART.findall(where):
            part: str | int = name or (index if index == "..." else int(index))
            found = shape.of(data)
            if part == "...":
                entries = data.items() if type(data) is dict else ()
                for key, value in entries:
                    item = found.part(key)
                    try:
                        if item is not None:
                            self.convert(value, item)
                    except Misfit as misfit:
                        return Misfit(misfit.reason, (*path, key, *misfit.path))
                break
            item = found.part(part)
            path = (*path, part)
            if item is None or not hasattr(data, "__getitem__"):
                break
            shape = item
            data = data.get(part) if isinstance(data, dict) else data[part]
        missing = self._MISSING.fullmatch(reason)
        if missing is not None:
            return Misfit("a required field is missing", (*path, missing[1]))
        return Misfit(reason, path)


def _other_kind(kind: Any, data: Any) -> Any:
    """What msgspec does not know itself: a pydantic model inside, and `object`."""
    if kind is object:
        return data
    if hasattr(kind, "__pydantic_validator__"):
        return kind.model_validate(data)
    raise NotImplementedError(f"a state cannot hold {name_of(kind)}")


class PydanticEngine(Engine):
    """For pydantic models and what is inside them, by pydantic's own rules."""

    def __init__(self) -> None:
        import pydantic

        self._adapter = pydantic.TypeAdapter
        self._error = pydantic.ValidationError
        self._names: dict[str, Any] = {"by_name": True, "by_alias": False}
        if _version(pydantic) < (2, 11):  # before, only a model's own configuration could say so
            self._names = {}

    def convert(self, data: Any, shape: "Shape") -> Any:
        validate: Callable[..., Any] | None = shape.memo
        if validate is None:
            validate = shape.memo = self._adapter(shape.type).validate_python
        try:
            return validate(data, **self._names)
        except self._error as error:
            errors = error.errors(include_url=False, include_context=False, include_input=False)
            first = errors[0]
            more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
            raise Misfit(first["msg"] + more, _held(first["loc"], data)) from error


def _held(loc: tuple[str | int, ...], data: Any) -> tuple[str | int, ...]:
    """The part of pydantic's location that is a path: it also names members of unions and functions."""
    path: tuple[str | int, ...] = ()
    for number, part in enumerate(loc):
        if type(data) is dict and (part in data or number == len(loc) - 1):
            data = data.get(part)
        elif type(data) is list and type(part) is int and part < len(data):
            data = data[part]
        else:
            continue
        path = (*path, part)
    return path


def _version(module: Any) -> tuple[int, ...]:
    return tuple(int(part) for part in module.VERSION.split(".")[:2])


class OwnEngine(Engine):
    """For dataclasses of plain JSON types, where msgspec is not installed."""

    is_complete = False

    def convert(self, data: Any, shape: "Shape") -> Any:
        return shape.convert_alone(data)


def engine_for(kind: type) -> Engine:
    """The engine for a dataclass, Struct or pydantic class."""
    if hasattr(kind, "__pydantic_validator__"):
        return PydanticEngine()
    try:
        return MsgspecEngine()
    except ImportError:
        return OwnEngine()
