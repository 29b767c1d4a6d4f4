"""What `keys()`, `values()` and `items()` of a `MapView` return: live, like those of a `dict`."""

from types import MappingProxyType

from .threads import whole
from .view import VIEWS, enter, raw

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .map_view import MapView

_SET_OPERATORS = (
    "__and__ __rand__ __or__ __ror__ __sub__ __rsub__ __xor__ __rxor__ "
    "__eq__ __ne__ __lt__ __le__ __gt__ __ge__ isdisjoint"
)


class _Part:
    __slots__ = ("_map",)

    def __init__(self, view: "MapView") -> None:
        self._map = view

    @property
    def mapping(self) -> "MappingProxyType[str, Any]":
        return MappingProxyType(self._map)

    def _of_data(self) -> "Any":
        """The same part of the plain data, for what hands nothing of it out."""
        raise NotImplementedError

    def __len__(self) -> int:
        return len(self._map)

    @whole
    def __repr__(self) -> str:
        return repr(self._of_data())


def _delegate(name: str) -> "Any":
    @whole
    def method(self: _Part, other: "Any") -> "Any":
        if isinstance(other, _Part):
            other = other._of_data()
        return getattr(self._of_data(), name)(raw(other))

    method.__name__ = name
    return method


class MapKeys(_Part):
    """The keys of a map, as a set-like live object."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]

    def _of_data(self) -> "Any":
        return self._map._read_keys().keys()

    def __contains__(self, key: object) -> bool:
        return key in self._map

    def __iter__(self) -> "Iterator[str]":
        return iter(self._map)

    def __reversed__(self) -> "Iterator[str]":
        return reversed(self._map)


class MapValues(_Part):
    """The values of a map; containers come as views."""

    __slots__ = ()

    def _of_data(self) -> "Any":
        return self._map._read_all().values()

    def __iter__(self) -> "Iterator[Any]":
        for _, value in MapItems(self._map):
            yield value

    def __reversed__(self) -> "Iterator[Any]":
        for _, value in reversed(MapItems(self._map)):
            yield value


class MapItems(_Part):
    """Pairs of key and value; containers come as views."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]

    def _of_data(self) -> "Any":
        return self._map._read_all().items()

    def __contains__(self, pair: object) -> bool:
        if not isinstance(pair, tuple) or len(pair) != 2 or pair[0] not in self._map:
            return False
        value = self._map[pair[0]]
        return bool(value is pair[1] or value == pair[1])

    def __iter__(self) -> "Iterator[tuple[str, Any]]":
        return self._wrapped(self._map._read_contents().items())

    def __reversed__(self) -> "Iterator[tuple[str, Any]]":
        return self._wrapped(reversed(self._map._read_contents().items()))

    def _wrapped(self, pairs: "Any") -> "Iterator[tuple[str, Any]]":
        child = self._map._child
        for key, value in pairs:
            yield key, (child(value, key) if type(value) in VIEWS else value)


for _name in _SET_OPERATORS.split():
    setattr(MapKeys, _name, _delegate(_name))
    setattr(MapItems, _name, _delegate(_name))

enter(MapKeys, "KeysView")
enter(MapValues, "ValuesView")
enter(MapItems, "ItemsView")
