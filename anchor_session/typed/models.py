"""What a dataclass, a Struct or a pydantic model is: its fields, and an instance as plain data."""

from typing import Any

from ..codec import MODELS, as_stored
from ..reactive.plain import copy_plain
from ..reactive.view import Root, View
from .engines import Engine
from .misfit import Misfit, Path
from .shapes import Shape


def is_model(kind: Any) -> bool:
    """Whether that is a class whose instances are states: a dataclass, a Struct or a pydantic model."""
    return isinstance(kind, type) and any(hasattr(kind, mark) for mark in MODELS)


class Field:
    """One field: the attribute's name, the key in the plain data, the shape, and whether it is frozen."""

    __slots__ = ("default", "is_frozen", "key", "name", "shape")

    def __init__(
        self, name: str, key: str, shape: Shape, *, is_frozen: bool, default: Any = None
    ) -> None:
        self.name = name
        self.key = key
        self.shape = shape
        self.is_frozen = is_frozen
        self.default = default  # a function that makes it, None for a required field


class Model(Shape):
    """A class as a shape. It is made empty and then filled, since classes may refer to themselves."""

    container = dict
    type: Any

    def __init__(self, kind: type, engine: Engine) -> None:
        super().__init__(kind, engine)
        self.fields: dict[str, Field] = {}
        self.by_key: dict[str, Field] = {}
        self.tag: dict[str, Any] = {}  # what tells a Struct from others in a union
        self.is_validated = False  # whether pydantic functions of the class change single values
        self._view_class: Any = None

    def add(self, field: Field) -> None:
        self.fields[field.name] = self.by_key[field.key] = field

    def to_plain(self, value: Any) -> Any:
        if isinstance(value, View):
            return value
        if type(value) is self.type:
            data = dict(self.tag)
            for field in self.fields.values():
                data[field.key] = field.shape.to_plain(getattr(value, field.name))
            data.update(getattr(value, "__pydantic_extra__", None) or {})
            return data
        if isinstance(value, dict):
            return {
                key: self.by_key[key].shape.to_plain(item) if key in self.by_key else item
                for key, item in value.items()
            }
        return value

    def part(self, key: Any) -> "Shape | None":
        field = self.by_key.get(key)
        return None if field is None else field.shape

    def take_field(self, field: Field, value: Any, data: "dict[str, Any]", path: Path) -> Any:
        """The value as it is stored in that field of the model whose data is given."""
        shape = field.shape
        if not self.is_validated:
            return shape.accept(value, path)
        new = as_stored(shape.to_plain(value), path)
        try:
            model = self.engine.convert({**copy_plain(data), field.key: copy_plain(new)}, self)
        except Misfit as misfit:
            if misfit.path[:1] == (field.key,):
                raise misfit.at(path[:-1]) from misfit.__cause__
            return shape.accept(new, path)  # it is about the whole, which is looked at in the end
        return as_stored(shape.to_plain(getattr(model, field.name)), path)

    def read(self, view: View, data: Any, key: "str | int") -> Any:
        return view._child(data, key)

    def make(self, data: Any, root: Root, parent: "View | None", key: "str | int | None") -> View:
        if self._view_class is None:
            from .views import view_class

            self._view_class = view_class(self)
        view: View = self._view_class(data, root, parent, key)
        return view

    def convert_alone(self, data: Any) -> Any:
        if type(data) is not dict:
            raise Misfit(f"expected `object`, got `{type(data).__name__}`")
        values = {}
        for field in self.fields.values():
            if field.key not in data:
                if field.default is None:
                    raise Misfit("a required field is missing", (field.key,))
                continue
            try:
                values[field.name] = field.shape.convert_alone(data[field.key])
            except Misfit as misfit:
                raise Misfit(misfit.reason, (field.key, *misfit.path)) from None
        try:
            return self.type(**values)
        except (ValueError, TypeError) as error:  # of `__post_init__`
            raise Misfit(str(error)) from error
