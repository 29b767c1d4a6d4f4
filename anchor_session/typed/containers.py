"""`ListView`, `MapView` and `SetView` whose items have a shape: instances go in, views of them come out."""

from collections.abc import Iterator
from typing import Any

from ..codec import as_stored_member
from ..reactive import graph
from ..reactive.list_view import ListView
from ..reactive.map_parts import MapItems, MapValues
from ..reactive.map_view import MapView, _MethodSlot, _no_key
from ..reactive.plain import MISSING
from ..reactive.set_view import SetView
from ..reactive.threads import whole
from ..reactive.tracking import BELOW, track
from ..reactive.view import VIEWS, Root, View, raw
from .misfit import Path
from .shapes import ANYTHING, CONTAINER_VIEWS, Container, Shape
from .views import TypedView


class _Typed(TypedView):
    """What the three have in common."""

    __slots__ = ()
    _shape: Container

    def __init__(
        self,
        data: Any,
        root: Root,
        parent: "View | None",
        key: "str | int | None",
        shape: Container,
    ) -> None:
        super().__init__(data, root, parent, key)
        self._shape = shape  # type: ignore[misc]  # a slot of each subclass

    def _part(self, key: Any) -> Shape:
        return self._shape.part(key) or ANYTHING

    def _again(self) -> View:
        return self._shape.make(self._data, self._root, None, None)

    def _read(self, value: Any, key: "str | int") -> Any:
        shape = self._part(key)
        if shape.is_plain and type(value) not in VIEWS:
            return value
        return shape.read(self, value, key)

    def _as_stored(self, value: Any, path: Path) -> Any:
        return self._part(path[-1]).accept(value, path)

    @whole
    def _read_all(self) -> Any:
        """What the data stands for: the data itself, or instances."""
        if graph.reader is not None:
            track(self, BELOW)
        return self._data if self._shape.is_plain else self._shape.instance(self._data)


class TypedList(_Typed, ListView):
    """A list of the state whose items have a shape."""

    __slots__ = ("_shape",)

    def __getitem__(self, index: Any) -> Any:
        data = self._data
        if type(index) is slice:
            return self._slice(index)
        if graph.reader is not None:
            self._track_index(index.__index__())
        value = data[index]
        return self._read(value, range(len(data))[index])

    def _at(self, number: int) -> Any:
        return self._read(self._data[number], number)

    def __iter__(self) -> Iterator[Any]:
        for number, value in enumerate(self._read_contents()):
            yield self._read(value, number)

    def __reversed__(self) -> Iterator[Any]:
        number = len(self._read_contents())
        while number > 0:
            number -= 1
            if number < len(self._data):
                yield self._at(number)

    def _among(self, value: Any) -> Any:
        return super()._among(value) if self._shape.is_plain else self._read_all()

    @whole
    def pop(self, index: Any = -1) -> Any:
        data = self._data
        number = index.__index__()
        if not -len(data) <= number < len(data):
            return super().pop(index)
        value = self._part(number % len(data)).instance(data[number])
        super().pop(index)
        return value

    @whole
    def sort(self, *, key: Any = None, reverse: bool = False) -> None:
        if key is None and not self._shape.is_plain:
            key = _itself
        super().sort(key=key, reverse=reverse)


def _itself(item: Any) -> Any:
    return item


class TypedMap(_Typed, MapView):
    """A map of the state whose values have a shape."""

    __slots__ = ("_shape",)

    def __getitem__(self, key: str) -> Any:
        if graph.reader is not None:
            track(self, key)
        try:
            value = self._data[key]
        except KeyError:
            raise _no_key(self, key) from None
        return self._read(value, key)

    def _get(self, key: str, default: Any = None) -> Any:
        if graph.reader is not None:
            track(self, key)
        value = self._data.get(key, MISSING)
        return default if value is MISSING else self._read(value, key)

    def _values(self) -> MapValues:
        return _Values(self)

    def _items(self) -> MapItems:
        return _Items(self)

    @whole
    def _pop(self, key: str, default: Any = MISSING) -> Any:
        if key not in self._data:
            if default is MISSING:
                raise _no_key(self, key)
            return default
        value = self._part(key).instance(self._data[key])
        del self[key]
        return value

    @whole
    def _popitem(self) -> "tuple[str, Any]":
        if not self._data:
            raise KeyError("popitem(): dictionary is empty")
        key = next(reversed(self._data))
        return key, self._pop(key)


for _name in ("get", "values", "items", "pop", "popitem"):
    setattr(TypedMap, _name, _MethodSlot(TypedMap.__dict__[f"_{_name}"]))


class _Values(MapValues):
    __slots__ = ()

    def __iter__(self) -> Iterator[Any]:
        for _, value in _Items(self._map):
            yield value

    def __reversed__(self) -> Iterator[Any]:
        for _, value in reversed(_Items(self._map)):
            yield value


class _Items(MapItems):
    __slots__ = ()
    _map: TypedMap

    def __contains__(self, pair: object) -> bool:
        if isinstance(pair, tuple) and len(pair) == 2:
            pair = (pair[0], raw(pair[1]))
        return super().__contains__(pair)

    def __iter__(self) -> Iterator["tuple[str, Any]"]:
        return self._wrapped(self._map._read_contents().items())

    def __reversed__(self) -> Iterator["tuple[str, Any]"]:
        return self._wrapped(reversed(self._map._read_contents().items()))

    def _wrapped(self, pairs: Any) -> Iterator["tuple[str, Any]"]:
        for key, value in pairs:
            yield key, self._map._read(value, key)


class TypedSet(_Typed, SetView):
    """A set of the state whose members have a shape."""

    __slots__ = ("_shape",)

    @whole
    def _read_all(self) -> Any:
        data = self._read_contents()  # nothing lies below
        return data if self._shape.is_plain else self._shape.instance(data)

    def _as_stored(self, value: Any, path: Path) -> Any:
        return as_stored_member(self._shape.item.accept(value, path), path)

    def _to_plain(self, value: Any) -> Any:
        return self._shape.item.to_plain(raw(value))

    def __contains__(self, value: object) -> bool:
        return super().__contains__(self._to_plain(value))

    def discard(self, value: Any) -> None:
        super().discard(self._to_plain(value))

    def pop(self) -> Any:
        return self._shape.item.instance(super().pop())

    def copy(self) -> "set[Any]":
        return set(self._read_all())

    def _become(self, members: "set[Any]") -> None:
        super()._become({self._to_plain(member) for member in members})


CONTAINER_VIEWS.update({list: TypedList, dict: TypedMap, set: TypedSet})
