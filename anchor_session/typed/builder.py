"""The shapes of a class and of all it refers to, read from its annotations."""

import dataclasses
import types
import typing
from collections import abc
from enum import Enum
from typing import Any

from ..codec import find_tag
from ..errors import UnstorableValueError, with_article
from .engines import INSTALL, Engine, PydanticEngine, engine_for
from .misfit import name_of
from .models import Field, Model, is_model
from .shapes import (
    ANYTHING,
    Anything,
    Container,
    EnumShape,
    ForeignShape,
    FrozenSetShape,
    ListShape,
    MapShape,
    Scalar,
    SetShape,
    Shape,
    TupleShape,
    UnionShape,
)

_JSON = (str, int, float, bool, type(None))
_LISTS = (list, abc.Sequence, abc.MutableSequence)
_MAPS = (dict, abc.Mapping, abc.MutableMapping)
_SETS = (set, abc.Set, abc.MutableSet)


class Builder:
    """Makes the shapes of one state; each class is looked at once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._models: dict[type, Model] = {}
        self._pydantic = engine if isinstance(engine, PydanticEngine) else None
        self._where = ""
        self.has_rules = False  # whether any of the shapes has

    def model(self, kind: type) -> Model:
        """The shape of a class."""
        found = self._models.get(kind)
        if found is not None:
            return found
        engine = self._engine
        if hasattr(kind, "__pydantic_validator__"):
            engine = self._pydantic = self._pydantic or PydanticEngine()
        model = self._models[kind] = Model(kind, engine)
        if hasattr(kind, "__pydantic_fields__") and not dataclasses.is_dataclass(kind):
            self._add_pydantic(model)
        elif hasattr(kind, "__struct_fields__"):
            self._add_struct(model)
        else:
            self._add_dataclass(model)
        model.has_rules = (
            model.has_rules
            or hasattr(kind, "__pydantic_validator__")
            or hasattr(kind, "__post_init__")
        )
        self._note(model)
        return model

    # -- the three kinds ------------------------------------------------------------------------

    def _add_dataclass(self, model: Model) -> None:
        kind = model.type
        hints = typing.get_type_hints(kind, include_extras=True)
        is_frozen = kind.__dataclass_params__.frozen
        for field in dataclasses.fields(kind):
            if not field.init:
                raise self._refusal(
                    kind, field.name, "a field with init=False", "make it a property"
                )
            default: Any = None
            if field.default is not dataclasses.MISSING:
                default = _constant(field.default)
            elif field.default_factory is not dataclasses.MISSING:
                default = field.default_factory
            shape = self._field_shape(kind, field.name, hints[field.name])
            model.add(Field(field.name, field.name, shape, is_frozen=is_frozen, default=default))
        for name, hint in hints.items():
            if isinstance(hint, dataclasses.InitVar):
                raise self._refusal(kind, name, "an InitVar", "make it a field")

    def _add_struct(self, model: Model) -> None:
        kind = model.type
        config = kind.__struct_config__
        if config.array_like:
            raise TypeError(f"{kind.__name__} is array_like: a state needs the names of its fields")
        hints = typing.get_type_hints(kind, include_extras=True)
        for name, key in zip(kind.__struct_fields__, kind.__struct_encode_fields__):
            shape = self._field_shape(kind, name, hints[name])
            model.add(Field(name, key, shape, is_frozen=config.frozen))
        if config.tag_field is not None:
            model.tag = {config.tag_field: config.tag}

    def _add_pydantic(self, model: Model) -> None:
        kind = model.type
        is_frozen = kind.model_config.get("frozen", False)
        for name, info in kind.__pydantic_fields__.items():
            hint = info.annotation
            if info.metadata:
                hint = typing.Annotated[(hint, *info.metadata)]
            shape = self._field_shape(kind, name, hint)
            model.add(Field(name, name, shape, is_frozen=bool(is_frozen or info.frozen)))
        found = kind.__pydantic_decorators__
        model.is_validated = bool(
            found.validators
            or found.field_validators
            or found.root_validators
            or found.model_validators
        )

    # -- types ----------------------------------------------------------------------------------

    def _field_shape(self, kind: type, name: str, hint: Any) -> Shape:
        before, self._where = self._where, f"{kind.__name__}.{name}"
        try:
            return self._note(self._shape(hint))
        finally:
            self._where = before

    def _note(self, shape: Shape) -> Shape:
        self.has_rules = self.has_rules or shape.has_rules
        return shape

    def _shape(self, hint: Any) -> Shape:
        if hint is Any or hint is object or isinstance(hint, typing.TypeVar):
            return ANYTHING
        if hint is None:
            hint = type(None)
        engine = self._engine
        if hint in _JSON:
            return Scalar(hint, engine)
        if is_model(hint):
            return self.model(hint)
        if isinstance(hint, typing.NewType):
            return self._shape(hint.__supertype__)
        if hasattr(hint, "__value__"):  # a `type` statement
            return self._shape(hint.__value__)
        origin = typing.get_origin(hint)
        if is_model(origin):
            return self.model(origin)
        if origin is typing.Annotated:
            return self._annotated(hint)
        if origin is typing.Union or origin is types.UnionType:
            return UnionShape(hint, engine, [self._shape(one) for one in typing.get_args(hint)])
        if hint in _LISTS or origin in _LISTS:
            return ListShape(hint, engine, self._item(hint))
        if hint in _MAPS or origin in _MAPS:
            return self._map(hint)
        return self._rich(hint, origin)

    def _rich(self, hint: Any, origin: Any) -> Shape:
        """What our own converter leaves to msgspec."""
        engine = self._engine
        found: Shape
        if isinstance(hint, type) and hint not in _SETS and find_tag(hint) is not None:
            found = Scalar(hint, engine)
        elif isinstance(hint, type) and issubclass(hint, Enum):
            if not all(isinstance(member.value, str | int) for member in hint):
                raise self._refusal_of(
                    f"an enum {hint.__name__}", "its values must be text or integers"
                )
            found = EnumShape(hint, engine)
        elif origin is typing.Literal:
            if any(type(value) not in _JSON for value in typing.get_args(hint)):
                raise self._refused(hint)
            found = Scalar(hint, engine, is_exact=False)
        elif hint in _SETS or origin in _SETS:
            found = SetShape(hint, engine, self._member(hint))
        elif hint is frozenset or origin is frozenset:
            found = FrozenSetShape(hint, engine, self._member(hint))
        elif hint is tuple or origin is tuple:
            found = self._tuple(hint)
        elif isinstance(engine, PydanticEngine) and hasattr(hint, "__get_pydantic_core_schema__"):
            found = ForeignShape(hint, engine)
        else:
            raise self._refused(hint)
        if not engine.is_complete:
            raise ModuleNotFoundError(
                f"`{self._where}` is {_article(name_of(hint))}, which takes msgspec: {INSTALL}",
                name="msgspec",
            )
        return found

    def _annotated(self, hint: Any) -> Shape:
        shape = self._shape(hint.__origin__)
        if isinstance(shape, Anything | Model):
            return shape
        if isinstance(shape, Scalar):
            return Scalar(hint, shape.engine, is_exact=False)
        shape.type = hint
        shape.has_rules = True
        return shape

    def _item(self, hint: Any) -> Shape:
        arguments = typing.get_args(hint)
        return self._note(self._shape(arguments[-1])) if arguments else ANYTHING

    def _map(self, hint: Any) -> Shape:
        arguments = typing.get_args(hint)
        if arguments and not _is_text(arguments[0]):
            raise self._refusal_of(
                f"a map with keys of {name_of(arguments[0])}", "keys must be text (str)"
            )
        return MapShape(hint, self._engine, self._item(hint))

    def _member(self, hint: Any) -> Shape:
        item = self._item(hint)
        if isinstance(item, Container | Model) and not isinstance(item, FrozenSetShape):
            raise self._refusal_of(f"a set of {name_of(item.type)}", "make it a list")
        return item

    def _tuple(self, hint: Any) -> Shape:
        arguments = typing.get_args(hint)
        if not arguments:
            return TupleShape(hint, self._engine, ANYTHING, None)
        if arguments[-1] is ...:
            return TupleShape(hint, self._engine, self._item(typing.Tuple[arguments[0]]), None)  # noqa: UP006
        items = tuple(self._note(self._shape(one)) for one in arguments)
        return TupleShape(hint, self._engine, ANYTHING, items)

    def _refused(self, hint: Any) -> UnstorableValueError:
        return self._refusal_of(_article(name_of(hint)), "keep it outside the state")

    def _refusal_of(self, what: str, remedy: str) -> UnstorableValueError:
        return UnstorableValueError(f"a state cannot hold `{self._where}`, {what}; {remedy}")

    def _refusal(self, kind: type, name: str, what: str, remedy: str) -> UnstorableValueError:
        return UnstorableValueError(
            f"a state cannot hold `{kind.__name__}.{name}`, {what}; {remedy}"
        )


def build(kind: type) -> "tuple[Model, bool]":
    """The shape of a class, and whether changes have to be looked at as a whole somewhere in it."""
    builder = Builder(engine_for(kind))
    model = builder.model(kind)
    return model, builder.has_rules


def build_any(hint: Any) -> Shape:
    """The shape of any type that a state can hold. Raises `UnstorableValueError` for another."""
    if is_model(hint):
        return build(hint)[0]
    builder = Builder(_engine_of(hint))
    builder._where = name_of(hint)
    return builder._shape(hint)


def _engine_of(hint: Any) -> Engine:
    """Pydantic's where the type is of its kind, as in a union of its models."""
    kinds = [hint, *typing.get_args(hint)]
    return engine_for(next((one for one in kinds if hasattr(one, "__pydantic_validator__")), hint))


def _constant(value: Any) -> Any:
    return lambda: value


def _is_text(hint: Any) -> bool:
    if typing.get_origin(hint) is typing.Literal:
        return all(type(value) is str for value in typing.get_args(hint))
    if typing.get_origin(hint) is typing.Annotated:
        return _is_text(hint.__origin__)
    if isinstance(hint, typing.NewType):
        return _is_text(hint.__supertype__)
    return hint is str or hint is Any


def _article(name: str) -> str:
    return with_article(name)
