"""What the fields of a class are as plain data, and how they are read from it and written to it."""

from enum import Enum
from typing import Any

from ..codec import as_stored
from ..reactive.plain import copy_plain
from ..reactive.view import VIEWS, Root, View
from .engines import Engine
from .misfit import Misfit, Path, name_of


class Shape:
    """A type that a state can hold.

    `type` is what the engine converts to; `container` the class of the plain data where that is a container.
    """

    container: "type | None" = None
    is_plain = False  # whether the data is also what the user reads
    has_rules = False  # whether it may refuse a whole of which every part fits

    def __init__(self, kind: Any, engine: Engine) -> None:
        self.type = kind
        self.engine = engine
        self.memo: Any = None  # the engine's own

    # -- from the user to the data --------------------------------------------------------------

    def to_plain(self, value: Any) -> Any:
        """The value as plain data, which is neither checked nor a copy; what is no such value, as it is."""
        return value

    def accept(self, value: Any, path: Path) -> Any:
        """The value as it is stored at `path`. Raises `SchemaError` or `UnstorableValueError`."""
        data = as_stored(self.to_plain(value), path)
        try:
            converted = self.engine.convert(data, self)
        except Misfit as misfit:
            raise misfit.at(path) from misfit.__cause__
        return as_stored(self.to_plain(converted), path)

    def check(self, data: Any) -> None:
        """Raise `Misfit` where plain data does not fit."""
        self.engine.convert(copy_plain(data), self)

    # -- from the data to the user --------------------------------------------------------------

    def of(self, data: Any) -> "Shape":
        """The one shape that the data has, of those that are possible here."""
        return self

    def part(self, key: Any) -> "Shape | None":
        """The shape of what is at a key or index; None where that is nowhere said."""
        return None

    def read(self, view: View, data: Any, key: "str | int") -> Any:
        """What the user reads where the data stands at `key` of `view`."""
        return data

    def instance(self, data: Any) -> Any:
        """What the data stands for, sharing nothing with it.

        Raises `SchemaError` inside of a batch that has broken a rule of the class so far.
        """
        try:
            return self.converted(data)
        except Misfit as misfit:
            raise misfit.at() from misfit.__cause__

    def converted(self, data: Any) -> Any:
        """The same; raises `Misfit`."""
        return self.engine.convert(copy_plain(data), self)

    def make(self, data: Any, root: Root, parent: "View | None", key: "str | int | None") -> View:
        """A view of the container."""
        raise NotImplementedError

    def convert_alone(self, data: Any) -> Any:
        """What the data stands for, without any library."""
        raise NotImplementedError


class Scalar(Shape):
    """A value that is read as it is stored."""

    is_plain = True

    def __init__(self, kind: Any, engine: Engine, *, is_exact: bool = True) -> None:
        super().__init__(kind, engine)
        self._exact = kind if is_exact else None  # instances of exactly this class always fit

    def accept(self, value: Any, path: Path) -> Any:
        if type(value) is self._exact:
            return as_stored(value, path)
        return super().accept(value, path)

    def convert_alone(self, data: Any) -> Any:
        if type(data) is self.type or (data is None and self.type is type(None)):
            return data
        if self.type is float and type(data) is int:
            return float(data)
        raise Misfit(f"expected `{name_of(self.type)}`, got `{name_of(type(data))}`")


class Anything(Shape):
    """Whatever the codec holds."""

    is_plain = True

    def accept(self, value: Any, path: Path) -> Any:
        return as_stored(value, path)

    def check(self, data: Any) -> None:
        pass

    def read(self, view: View, data: Any, key: "str | int") -> Any:
        return view._child(data, key) if type(data) in VIEWS else data

    def converted(self, data: Any) -> Any:
        return copy_plain(data)

    def make(self, data: Any, root: Root, parent: "View | None", key: "str | int | None") -> View:
        view: View = VIEWS[type(data)](data, root, parent, key)
        return view

    def convert_alone(self, data: Any) -> Any:
        return data


class EnumShape(Shape):
    """An enum, stored by value."""

    def to_plain(self, value: Any) -> Any:
        return value.value if isinstance(value, Enum) and type(value) is self.type else value

    def read(self, view: View, data: Any, key: "str | int") -> Any:
        return self.type(data)


class ForeignShape(Shape):
    """A type of pydantic's that is stored as text or number."""

    def to_plain(self, value: Any) -> Any:
        if value is None or isinstance(value, str | int | float):
            return value
        from pydantic_core import to_jsonable_python

        data = to_jsonable_python(value)
        return data if self.instance(data) == value else value  # a secret is written as asterisks

    def read(self, view: View, data: Any, key: "str | int") -> Any:
        return self.instance(data)


CONTAINER_VIEWS: "dict[type, Any]" = {}
"""Container type: what makes its view, given a shape. `containers` enters its classes."""


class Container(Shape):
    """Base of lists, maps and sets whose items have a shape."""

    def __init__(self, kind: Any, engine: Engine, item: Shape, *, has_rules: bool = False) -> None:
        super().__init__(kind, engine)
        self.item = item
        self.is_plain = item.is_plain  # then the data equals what it stands for
        self.has_rules = has_rules

    def part(self, key: Any) -> "Shape | None":
        return self.item

    def read(self, view: View, data: Any, key: "str | int") -> Any:
        return view._child(data, key)

    def make(self, data: Any, root: Root, parent: "View | None", key: "str | int | None") -> View:
        assert self.container is not None
        view: View = CONTAINER_VIEWS[self.container](data, root, parent, key, self)
        return view


class ListShape(Container):
    container = list

    def to_plain(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [self.item.to_plain(item) for item in value]
        return value

    def convert_alone(self, data: Any) -> Any:
        if type(data) is not list:
            raise Misfit(f"expected `array`, got `{name_of(type(data))}`")
        return [_convert_part(self.item, item, number) for number, item in enumerate(data)]


class MapShape(Container):
    container = dict

    def to_plain(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self.item.to_plain(item) for key, item in value.items()}
        return value

    def convert_alone(self, data: Any) -> Any:
        if type(data) is not dict:
            raise Misfit(f"expected `object`, got `{name_of(type(data))}`")
        return {key: _convert_part(self.item, item, key) for key, item in data.items()}


class SetShape(Container):
    container = set

    def to_plain(self, value: Any) -> Any:
        if isinstance(value, set | frozenset):
            return {self.item.to_plain(item) for item in value}
        return value


class FrozenSetShape(SetShape):
    """A set that is read, and replaced, as a whole."""

    container = None  # type: ignore[assignment]

    def to_plain(self, value: Any) -> Any:
        return frozenset(super().to_plain(value)) if isinstance(value, set | frozenset) else value

    def read(self, view: View, data: Any, key: "str | int") -> Any:
        return data if self.is_plain else self.instance(data)


class TupleShape(ListShape):
    """A tuple, stored as a list; `items` are the shapes of one of fixed length."""

    def __init__(
        self, kind: Any, engine: Engine, item: Shape, items: "tuple[Shape, ...] | None"
    ) -> None:
        super().__init__(kind, engine, item, has_rules=True)
        self.is_plain = False
        self._items = items

    def part(self, key: Any) -> "Shape | None":
        if self._items is None:
            return self.item
        return self._items[key] if key < len(self._items) else None

    def to_plain(self, value: Any) -> Any:
        if not isinstance(value, list | tuple):
            return value
        parts = [self.part(number) for number in range(len(value))]
        return [item if part is None else part.to_plain(item) for part, item in zip(parts, value)]

    def read(self, view: View, data: Any, key: "str | int") -> Any:
        return tuple(view._child(data, key))


class UnionShape(Shape):
    """One of several shapes; which, the data says."""

    def __init__(self, kind: Any, engine: Engine, members: "list[Shape]") -> None:
        super().__init__(kind, engine)
        self._members = members
        self.is_plain = all(member.is_plain for member in members)
        self.has_rules = any(member.has_rules for member in members)

    def to_plain(self, value: Any) -> Any:
        for member in self._members:
            lowered = member.to_plain(value)
            if lowered is not value:
                return lowered
        return value

    def of(self, data: Any) -> Shape:
        if data is None:
            return ANYTHING
        kind = type(data) if type(data) in VIEWS else None
        found = [
            member
            for member in self._members
            if member.type is not type(None)
            and (member.container is kind or isinstance(member, Anything))
        ]
        if not found or (kind is None and self.is_plain):
            return ANYTHING
        return found[0].of(data) if len(found) == 1 else self._decide(found, data)

    def _decide(self, found: "list[Shape]", data: Any) -> Shape:
        try:
            value = self.converted(data)
        except Misfit:
            return ANYTHING
        for member in found:
            if isinstance(member.type, type) and type(value) is member.type:
                return member.of(data)
        for member in found:
            try:
                member.check(data)
            except Misfit:
                continue
            return member.of(data)
        return ANYTHING

    def part(self, key: Any) -> "Shape | None":
        return None

    def read(self, view: View, data: Any, key: "str | int") -> Any:
        return self.of(data).read(view, data, key)

    def make(self, data: Any, root: Root, parent: "View | None", key: "str | int | None") -> View:
        return self.of(data).make(data, root, parent, key)

    def convert_alone(self, data: Any) -> Any:
        first = None
        for member in self._members:
            try:
                return member.convert_alone(data)
            except Misfit as misfit:
                if first is None or len(misfit.path) > len(first.path):
                    first = misfit
        assert first is not None
        raise first


def _convert_part(shape: Shape, data: Any, key: "str | int") -> Any:
    try:
        return shape.convert_alone(data)
    except Misfit as misfit:
        raise Misfit(misfit.reason, (key, *misfit.path)) from None


ANYTHING = Anything(Any, Engine())
