"""`ModelView`: an instance of a class that is kept in a state.

Each class has a view class of its own, whose attributes are the fields, and the functions, properties and
other descriptors that the class defines in Python. Class attributes, class and static methods are those of
the class itself.
"""

from collections.abc import Callable
from functools import cached_property
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import TYPE_CHECKING, Any

from ..codec import same
from ..errors import ImmutableError, SchemaError, cut
from ..reactive import graph
from ..reactive.map_view import MapData
from ..reactive.plain import MISSING
from ..reactive.steps import submit
from ..reactive.threads import whole
from ..reactive.tracking import BELOW, track
from ..reactive.view import VIEWS, View
from .shapes import ANYTHING, Shape

if TYPE_CHECKING:
    from .models import Field, Model

_LIBRARIES = ("abc", "typing", "msgspec", "msgspec._core", "pydantic.main")
_OURS = (
    "__class__ __getattr__ __getattribute__ __setattr__ __delattr__ __init__ __new__ __init_subclass__ "
    "__eq__ __ne__ __lt__ __le__ __gt__ __ge__ __hash__ __repr__ __dict__ __weakref__ __slots__ __doc__ "
    "__module__ __qualname__ __annotations__ __copy__ __deepcopy__ __replace__ __reduce__ __reduce_ex__ "
    "__getstate__ __setstate__ __post_init__ __dir__"
)


class TypedView(View):
    """Base of the views whose items have shapes."""

    __slots__ = ()
    _stored_as_is: "dict[type, Callable[[Any], object]]" = {}  # a shape looks at each value

    def _part(self, key: Any) -> Shape:
        """The shape of what is at a key or index."""
        raise NotImplementedError

    def _make(self, container: Any, key: "str | int") -> View:
        return self._part(key).of(container).make(container, self._root, self, key)

    def _copy_of(self, container: Any, key: "str | int") -> Any:
        return self._part(key).of(container).instance(container)

    def __anchor_plain__(self) -> Any:
        if graph.reader is not None:
            track(self, BELOW)
        return self._data

    def __anchor_snapshot__(self) -> Any:
        return self._read_all()


class ModelView(TypedView, MapData):
    """An instance of a class that is kept in a state; ``isinstance(view, Class)`` holds.

    Fields are read and written as attributes. What is written is checked and stored as a copy. Equality,
    order and `repr` are those of `snapshot(view)`, which is a true instance.
    """

    __slots__ = ()
    _shape: "Model"

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return self._shape.type

    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        return self._read_all().__dict__

    def _part(self, key: Any) -> Shape:
        return self._shape.part(key) or ANYTHING

    @whole
    def _read_all(self) -> Any:
        if graph.reader is not None:
            track(self, BELOW)
        return self._shape.instance(self._data)

    def __getattr__(self, name: str) -> Any:
        cls = self._shape.type
        if name in self._data and name not in self._shape.by_key and name[:1] != "_":
            if graph.reader is not None:
                track(self, name)
            return ANYTHING.read(self, self._data[name], name)
        try:
            found = getattr(cls, name)
        except AttributeError:
            raise AttributeError(
                f"{cls.__name__!r} object has no attribute {name!r}", name=name, obj=self
            ) from None
        if isinstance(found, MemberDescriptorType | GetSetDescriptorType):
            return getattr(self._read_all(), name)
        if name[:2] != "__" and _is_of_library(cls, name):
            raise AttributeError(
                f"{name!r} takes an instance: write snapshot(...).{name}", name=name, obj=self
            )
        return found

    def _put(self, key: Any, value: Any) -> None:
        setattr(self, self._field_at(key).name, value)

    def _drop(self, key: Any) -> None:
        delattr(self, self._field_at(key).name)

    def _takes(self, key: Any) -> bool:
        return key in self._shape.by_key

    def _field_at(self, key: Any) -> "Field":
        field = self._shape.by_key.get(key)
        if field is None:
            raise KeyError(f"{self._shape.type.__name__} has no field {key!r}")
        return field

    @property
    def copy(self) -> Any:
        return self.__getattr__("copy")

    def __dir__(self) -> "list[str]":
        return sorted({*dir(self._shape.type), *self._shape.fields})

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        raise TypeError(f"object of type {self._shape.type.__name__!r} has no len()")

    def __copy__(self) -> Any:
        return self._read_all()

    def __repr__(self) -> str:
        try:
            return repr(self._read_all())
        except SchemaError:  # inside of a batch that has broken a rule of the class so far
            return f"{self._shape.type.__name__}({self._data!r})"

    def __eq__(self, other: object) -> bool:
        return bool(self._read_all() == _instance(other))

    def __lt__(self, other: Any) -> bool:
        return bool(self._read_all() < _instance(other))

    def __le__(self, other: Any) -> bool:
        return bool(self._read_all() <= _instance(other))

    def __gt__(self, other: Any) -> bool:
        return bool(self._read_all() > _instance(other))

    def __ge__(self, other: Any) -> bool:
        return bool(self._read_all() >= _instance(other))


class FieldAttribute:
    """Descriptor of one field in a view class."""

    def __init__(self, field: "Field", model: "Model") -> None:
        self._field = field
        self._model = model
        self._key = field.key
        self._is_plain = field.shape.is_plain

    def __get__(self, view: "ModelView | None", owner: type) -> Any:
        if view is None:
            return self
        key = self._key
        if graph.reader is not None:
            track(view, key)
        value = view._data[key]
        if self._is_plain and type(value) not in VIEWS:
            return value
        return self._field.shape.read(view, value, key)

    @whole
    def __set__(self, view: "ModelView", value: Any) -> None:
        path = view._open()
        key = self._key
        if self._field.is_frozen:
            raise ImmutableError(
                f"{self._field.name!r} is frozen: {self._model.type.__name__} says so"
            )
        data = view._data
        old = data.get(key, MISSING)
        if isinstance(value, View) and value._data is old and value._stands_at(view, key):
            return
        new = self._model.take_field(self._field, value, data, (*path, key))
        if old is not MISSING and same(old, new):
            return
        data[key] = new
        try:
            submit(view, path, "set", key, new, old)
        except Exception as error:
            cut(error)
            raise

    def __delete__(self, view: "ModelView") -> None:
        raise AttributeError(
            f"a field of a typed state cannot be deleted; assign its default to {self._field.name!r}",
            name=self._field.name,
            obj=view,
        )


def view_class(model: "Model") -> Any:
    """The view class of a class."""
    cls = model.type
    names: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if base is object or base.__module__ in _LIBRARIES:
            continue
        for name, value in vars(base).items():
            names.pop(name, None)
            if name in _OURS.split() or name in model.fields:
                continue
            if isinstance(value, cached_property):
                names[name] = property(value.func, doc=value.__doc__)
            elif isinstance(value, FunctionType | property) or _is_other_descriptor(value):
                names[name] = value
    for field in model.fields.values():
        names[field.name] = FieldAttribute(field, model)
    for name in names:
        if name in _INTERNAL:
            raise TypeError(
                f"`{cls.__name__}.{name}` cannot be part of a state, whose view uses that name itself; "
                "rename it"
            )
    if "__len__" in names and "__bool__" not in names:
        names["__bool__"] = lambda self: len(self) != 0
    names.update(__slots__=(), __module__=cls.__module__, __doc__=cls.__doc__, _shape=model)
    return type(cls.__name__, (ModelView,), names)


_INTERNAL = frozenset(name for name in dir(ModelView) if name[:1] == "_" and name[:2] != "__")


_NOT_FOR_VIEWS = (classmethod, staticmethod, type, MemberDescriptorType, GetSetDescriptorType)


def _is_other_descriptor(value: Any) -> bool:
    return hasattr(type(value), "__get__") and not isinstance(value, _NOT_FOR_VIEWS)


def _is_of_library(cls: type, name: str) -> bool:
    for base in cls.__mro__:
        if name in vars(base):
            return base.__module__ in _LIBRARIES and isinstance(vars(base)[name], FunctionType)
    return False


def _instance(value: Any) -> Any:
    return value._read_all() if isinstance(value, ModelView) else value
